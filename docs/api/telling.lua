---@meta
-- What a flow tells of its run: karun.trace, karun.run.

---@class karun.trace
---@field phases string[]
local trace = {}
--- Times fn under a name; spans nest. The same as karun.span.
---@param fields? table
---@return any
function trace.span(name, fields, fn) end

--- A wait with words of its own, for the status line and the report: fn's results.
---@param fields {site?: boolean, timeout?: number}
---@return any
function trace.waiting(what, fields, fn) end

--- The innermost span of the running task, or nil.
---@return table?
function trace.current() end

---@class karun.run
local run = {}
--- Times fn as one of the eight phases.
---@param fields? table
---@return any
function run.phase(name, fields, fn, ...) end

--- A song of this run, for report and status line.
---@param fields {name: string, artist?: string, url?: string, number?: integer, count?: integer, tracks?: integer}
---@return karun.run.Song
function run.song(fields) end

--- Keeps picture, document, console and last protocol messages of a failure.
---@param page? karun.Page
---@param fields? {song?: string, track?: string, next?: string, phase?: string}
---@return table
function run.failure(err, page, fields) end

--- One line of the report.
function run.note(text) end

--- A press that had to be repeated, and why.
---@param fields {what: string, why: string, song?: string, track?: string, waited?: number}
function run.press(fields) end

--- A step that is done again, and why.
---@param fields {kind: string, why: string, song?: string, track?: string}
function run.again(fields) end

-- Which file of a song holds how much of which track: a picture in the report.
---@param fields {song: string, labels: string[], rows: number[][]}
function run.sound(fields) end

-- Seconds of each phase so far; what went on at the same time counts once.
---@return table<string, number>
function run.phase_seconds() end

---@class karun.run.Song
local Song = {}
-- A track of the song: begun now, ended by `done`, `skip` or `fail`.
---@return karun.run.Track
---@param fields {name: string, index?: integer, number?: integer}
function Song:track(fields) end
-- Runs fn as this phase of the song (login, open, …) -> fn's results.
---@return any
function Song:phase(name, fields, fn) end
-- The song is finished.
---@param fields? {path?: string, bytes?: integer}
function Song:done(fields) end
-- The song was not needed, and why.
function Song:skip(why) end
-- The song failed: the page's picture is kept, `next` is what a person can do.
---@param opts? {page?: karun.Page, next?: string}
function Song:fail(err, opts) end

---@class karun.run.Track
local Track = {}
-- Runs fn as this phase of the track (solo, sync, prepare, download, verify, file) -> fn's results.
---@return any
function Track:phase(name, fields, fn) end
-- Bytes of the file that is coming.
---@param received integer
---@param total? integer
function Track:received(received, total) end
-- The track is filed.
---@param fields? {path?: string, bytes?: integer}
function Track:done(fields) end
-- The track was not needed, and why.
function Track:skip(why) end
-- The track failed: the page's picture is kept, `next` is what a person can do.
---@param opts? {page?: karun.Page, next?: string}
function Track:fail(err, opts) end
