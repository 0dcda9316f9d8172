-- Lua 5.4 as it is; karun adds no globals. Data files and stubs may have long lines.
std = "lua54"
max_line_length = 200
