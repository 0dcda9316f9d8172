-- The regression's solo waits with the download waits from before it: which of the two was to blame?
return {
  solo = { margin = 34, ahead = 0 },
  download = { rest = 7 },
  pause = { tracks = 0.5, jitter = 0 },
}
