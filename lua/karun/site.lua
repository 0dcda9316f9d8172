-- karun.site(name): a checked, data-only table of addresses, selectors and texts. Without a name:
-- the one of --site or of the configuration.

local settings = require "karun.settings"

return function(name)
  return settings.site(name)
end
