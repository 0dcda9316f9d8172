---@meta karun
-- luacheck: ignore
-- Files, addresses, databases, sound: what needs no browser.

---@class karun.file
local file = {}

---@class karun.FileOptions
---@field timeout? number seconds; 900
---@field mode? string|integer as "0600"
---@field replace? boolean over a file that is there

--- The whole file.
---@param opts? {limit?: integer, timeout?: number} limit: bytes, beyond it `too_large`; 1 GB
---@return string bytes
function file.read(path, opts) end

---Whole or not at all: written aside, synced, then given its name. A link there is `path`.
---@param path string
---@param bytes string
---@param opts? {mode?: string|integer, replace?: boolean, timeout?: number} replace=false: what is there stays (`file`)
function file.write(path, bytes, opts) end

--- Adds bytes at the end.
---@param opts? {mode?: string|integer, timeout?: number}
function file.append(path, bytes, opts) end

---A target that ends in `/` is a folder: the name stays.
---@param from string
---@param to string
---@param opts? {replace?: boolean, timeout?: number}
function file.copy(from, to, opts) end

--- As a rename; between disks a copy.
---@param from string
---@param to string
---@param opts? {replace?: boolean, timeout?: number}
function file.move(from, to, opts) end

---A file, a link itself, an empty folder.
---@param path string
---@param opts? {recursive?: boolean, missing_ok?: boolean, timeout?: number}
function file.remove(path, opts) end

--- Is there anything of that name?
---@return boolean
function file.exists(path) end

---@class karun.Stat
---@field type "file"|"directory"|"link"|"other"
---@field size integer
---@field mtime number Unix seconds
---@field mode integer

---Links are not followed.
---@return karun.Stat?
function file.stat(path) end

--- The names in a folder.
---@return string[] names sorted
function file.list(path) end

---`*`, `?`, `[a-z]` within one name; `**` for any folders between.
---@return string[] paths sorted
function file.glob(pattern) end

---With parents; there already is right.
---@param opts? {mode?: string|integer}
function file.mkdir(path, opts) end

---A private folder, gone at the end of the run, or when the second value is closed.
---@param opts? {folder?: string} where; the system's folder for such
---@return string path
---@return table hold
function file.temp(opts) end

---Do both hold the same bytes?
---@param opts? {timeout?: number}
---@return boolean
function file.same(a, b, opts) end

--- The hash of a file, in hex.
---@param opts? {timeout?: number}
---@return string hex
function file.sha256(path, opts) end

---@class karun.Lock
---@field path string
local Lock = {}
--- Lets go.
function Lock:close() end

---For this run alone until closed; else `locked` with the holder's `pid`. A folder is locked by a file in it.
---@return karun.Lock
function file.lock(path) end

---@class karun.Watch
---@field path string
local Watch = {}
---The next thing that happened since the watch was made; `dropped` counts what was too much to keep.
---@param opts? {timeout?: number}
---@return {name: string, what: "change"|"rename", dropped: integer}
function Watch:next(opts) end
function Watch:close() end

---A file, or the names in a folder, from now on.
---@return karun.Watch
function file.watch(path) end

---A part cannot lead out of the ones before it (`path`).
---@return string path
function file.join(...) end

--- Folder, name, and the name's extension with its dot.
---@return string folder "." for none
---@return string name
---@return string extension with its dot; "" for none
function file.split(path) end

---One harmless name of a file from any text.
---@param name string
---@param opts? {limit?: integer} bytes; 200
---@return string
function file.safe_name(name, opts) end

--- Bytes free on the disk of a path.
---@return integer bytes
function file.free_space(path) end

---@class karun.http
local http = {}

---@class karun.FetchOptions
---@field cookies? table[] as browser:cookies(url) gives
---@field method? string GET, or POST where there is a body
---@field headers? table<string, any> a value may be a secret
---@field body? string
---@field multipart? table name = value, or { value=|file=, filename=, type= }; or a list of such with `name`
---@field to? string where it lands, as in download:save
---@field resume? boolean true
---@field stall? number seconds without a byte; 30
---@field timeout? number for all of it, tries too; 30, with `to` 900
---@field limit? integer bytes; 256 MB in memory, 4 GB in a file
---@field tries? integer 3; for POST and PATCH 1
---@field ok? boolean any status but 2xx is an `http` error
---@field on_progress? fun(received: integer, total?: integer)
---@field redirects? integer followed at most; 20
---@field replace? boolean
---@field type? "audio"
---@field min_size? integer
---@field size? integer
---@field sha256? string
---@field differs_from? string[]

--- One request, tried again as `tries` says. With `to` the body goes into a file, whole or not at all, resumed where it broke.
---@param url string
---@param opts? {cookies?: table, method?: string, headers?: table, body?: string, multipart?: table, to?: string, resume?: boolean, stall?: number, timeout?: number, limit?: integer, tries?: integer, ok?: boolean, on_progress?: function, redirects?: integer, replace?: boolean, type?: string, min_size?: integer, size?: integer, sha256?: string, differs_from?: string[]} karun.FetchOptions
---@return karun.Fetched
function http.fetch(url, opts) end

---@class karun.Fetched
---@field status integer
---@field url string after redirects
---@field headers table<string, string> names in lower case
---@field body? string
---@field path? string
---@field size? integer
---@field suggested_name string the server's name for it: data, never a path
local Fetched = {}
--- The body as Lua values.
---@return any
function Fetched:json() end

---@class karun.store
local store = {}

--- Opens or makes a database.
---@param path string a file, or ":memory:"
---@param opts? {timeout?: number} how long a call waits for another writer, then `locked`; 30
---@return karun.Database
function store.open(path, opts) end

---Bytes for a value that is no text.
function store.blob(bytes) end

---@class karun.Database
---@field path string
local Database = {}
---One or more statements; the values are the last one's.
---@return integer changed
---@return integer last_id
function Database:exec(sql, ...) end

--- For a `for` loop: each row as a table.
---@return fun(): table?
function Database:rows(sql, ...) end

--- The first row, or nil.
---@return table?
function Database:row(sql, ...) end
---Kept whole, or undone whole when fn raises. Other tasks wait.
---@param fn fun(db: karun.Database): any
function Database:transaction(fn) end
function Database:close() end

---@class karun.audio
local audio = {}

---@class karun.Sound
---@field path string
---@field duration_s number
---@field rate integer
---@field channels integer
---@field frames integer
---@field rms number 0 to 1
---@field peak number 0 to 1
---@field fingerprint string of the sound's bytes: tags do not change it
local Sound = {}
---How much of other is in this: as audio.project.
---@param opts? {timeout?: number}
---@return number ratio
---@return number likeness
---@return number lag_s
function Sound:contains(other, opts) end

---An MP3 decoded to its end; cut, broken or no MP3 is `content`.
---@param path string
---@param opts? {timeout?: number}
---@return karun.Sound
function audio.probe(path, opts) end

---1: a holds b as it is; 0: nothing of it.
---@param opts? {timeout?: number}
---@return number ratio
---@return number likeness 1: one sound
---@return number lag_s a is later by so much
function audio.project(a, b, opts) end

---A 16-bit WAV, `length` seconds long where given.
---@param path string
---@param out string
---@param opts? {length?: number, replace?: boolean, timeout?: number}
---@return {duration_s: number, rate: integer, channels: integer, frames: integer}
function audio.wav(path, out, opts) end
