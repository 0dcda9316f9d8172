-- What one item is in our databases (archive, prepared files): a track of a song in a key, with or without count-in.

local M = { WHERE = "site = ? AND song = ? AND item = ? AND key = ? AND count_in = ?" }

-- The values for WHERE, and for its columns in their order.
function M.key(item)
  return item.site, item.song, item.item, item.key or 0, item.count_in and 1 or 0
end

return M
