-- The regression's download waits with the solo waits from before it: which of the two was to blame?
return {
  solo = { margin = 5, ahead = 0 },
  download = { rest = 32 },
  pause = { tracks = 0.5, jitter = 0 },
}
