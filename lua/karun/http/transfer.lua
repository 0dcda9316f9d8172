-- A body on its way into a private part beside its target, over as many answers as it takes. What lies
-- in the part is always the beginning of one version of the file: a further answer is joined on only
-- if the server vouches (If-Range) that it is of the same version, and says so (Content-Range).

local fault = require "karun.error"
local file = require "karun.file"
local native = require "karun.native.file"

local Transfer = {}
Transfer.__index = Transfer

local M = {}

-- In `folder`, which is made. Closing it removes the part, unless that has landed.
function M.new(folder, resume)
  file.mkdir(folder)
  native.sweep(folder)
  return setmetatable({ folder = folder, part = native.part(folder), have = 0, resume = resume }, Transfer)
end

Transfer.__close = function(self)
  self.part:close()
end

function Transfer:path()
  return self.part:path()
end

function Transfer:restart()
  self.part:truncate()
  self.have, self.validator, self.total = 0, nil, nil
end

-- The header lines of the next request; begins anew where joining on is not safe.
function Transfer:range_headers()
  if self.have == 0 then return {} end
  if not (self.resume and self.validator) then
    self:restart()
    return {}
  end
  self.asked = true
  return { ("Range: bytes=%d-"):format(self.have), "If-Range: " .. self.validator }
end

-- What names this version of the file: a strong ETag, else its date.
local function validator_of(headers)
  local etag = headers.etag
  if etag and not etag:match("^W/") then return etag end
  return headers["last-modified"]
end

local function broken(self, message)
  self:restart()
  fault.raise("incomplete", "the server's answer to a resumed transfer does not fit: " .. message)
end

-- A 206: exactly the rest of what we have.
local function join_on(self, headers)
  local range = headers["content-range"] or "none"
  local first, last, total = range:match("^bytes%s+(%d+)%-(%d+)/(%d+)$")
  first, last, total = math.tointeger(first), math.tointeger(last), math.tointeger(total)
  if not first then broken(self, "Content-Range: " .. range) end
  if first ~= self.have or last ~= total - 1 then broken(self, ("%s, wanted from %d"):format(range, self.have)) end
  if self.total and self.total ~= total then
    broken(self, ("the file has %d bytes now, %d before"):format(total, self.total))
  end
  if validator_of(headers) and validator_of(headers) ~= self.validator then broken(self, "it is another version") end
  self.total = total
end

-- Called with the head of a successful answer, before its body is taken.
function Transfer:begin(status, headers, length)
  local asked = self.asked
  self.asked = nil
  if status == 206 and asked then return join_on(self, headers) end
  if status == 206 then broken(self, "a part that was not asked for") end
  if self.have > 0 then self:restart() end -- a new version, or no support: the whole comes anew
  self.validator, self.total = validator_of(headers), length
end

-- A refusal of the range itself: the next request is for the whole.
function Transfer:refused()
  broken(self, "range not satisfiable (416)")
end

function Transfer:check_room(limit)
  if not self.total then return end
  if self.total > limit then
    fault.raise("too_large", ("the file has %d bytes, more than the limit of %d"):format(self.total, limit))
  end
  local room = native.free_space(self.folder)
  if self.total - self.have > room then
    fault.raise("disk", ("the file needs %d bytes, the disk has %d left"):format(self.total - self.have, room),
      { path = self.folder })
  end
end

-- What was asked for by size: less may still come, more is another file.
function Transfer:check_size(size)
  local have = self.have
  if not size or have == size then return end
  if have > size then self:restart() end
  fault.raise("incomplete", ("%d bytes came, %d were wanted"):format(have, size))
end

function Transfer:received(bytes)
  self.have = self.have + bytes
end

return M
