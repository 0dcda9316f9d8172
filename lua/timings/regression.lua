-- After the change that was meant to make it safer: 78 s a track. 21 s after each solo for a song of many
-- tracks, 10 s of blind "audio sync", 3 s of verification; and 30 s before it first looked for the file.
return {
  solo = { margin = 34, ahead = 0 },
  download = { rest = 32 },
  pause = { tracks = 0.5, jitter = 0 },
}
