-- Configuration of this project; `karun doctor --config` shows what holds and where it was set.

return {
  site = "{{site}}",
}
