local M = {}
function M.text(built) return "<!doctype html><title>" .. tostring(built.id) .. "</title>" end
return M
