-- The program karun replaces when karun began: 40 s a track. Its profiler had found the polling; 10 s after
-- each solo were left, and 15 s before it looked for the file, then every 5 s (2.5 s on average).
return {
  solo = { margin = 10, ahead = 0 },
  download = { rest = 18 },
  pause = { tracks = 0.5, jitter = 0 },
}
