-- The catalogue. `tracks` are captions in the order of data-index; `click` is the place (from 1)
-- of the click row, which carries the count-in box; `bought=false` songs are for sale only.

return {
  {
    id = 1101, product = 700101, artist = "The Paper Lanterns", title = "Night Drive", bpm = 118, click = 1,
    tracks = { "Click", "Drum Kit", "Bass", "Electric Guitar", "Synth Pads", "Lead Vocal" },
  },
  {
    id = 1102, product = 700102, artist = "The Paper Lanterns", title = "Two Chairs", bpm = 74,
    tracks = { "Piano", "Lead Vocal" },
  },
  {
    id = 1103, product = 700103, artist = "Harbour Street Big Band", title = "Hold On (Until Tonight)", bpm = 132, click = 1,
    tracks = {
      "Click", "Drum Kit", "Percussion", "Upright Bass", "Electric Guitar\n(intro)", "Electric Guitar\n(solo)",
      "Acoustic Guitar", "Piano", "Organ", "Trumpets", "Saxophones", "Trombones", "Backing Vocals", "Backing Vocals",
      "Lead Vocal",
    },
  },
  {
    id = 1104, product = 700104, artist = "AB/CD", title = "What's \"Real\"? 50/50", bpm = 96, click = 1,
    tracks = { "Click", "Drums/Loops", "Bass: <low>", "Guitar 1 & 2", "Lead Vocal (feat. Nora (live))", "Noise..." },
  },
  {
    id = 1105, product = 700105, artist = "Grüße & Söhne", title = "Über den Flüssen", bpm = 88, click = 1,
    tracks = { "Click", "Schlagzeug", "Querflöte", "Гитара", "合唱", "Gesang (mehrstimmig)" },
  },
  {
    id = 1106, product = 700106, artist = "Tambo", title = "Savannah", bpm = 92, click = 2,
    tracks = { "Intro Count (Click + Key)", "Click", "Congas", "Bass", "Electric Piano", "Lead Vocal" },
  },
  {
    id = 1107, product = 700107, artist = "Nachtwerk", title = "Night Drive", bpm = 124, click = 1,
    tracks = { "Click", "Drum Machine", "Synth Bass", "Lead Synth" },
  },
  {
    id = 1108, product = 700108, artist = "Mara Quill", title = "Short Song", bpm = 100, click = 1,
    tracks = { "Click", "Ukulele", "Lead Vocal" },
  },
  {
    id = 1109, product = 700109, artist = "Mara Quill", title = "Out of Reach", bpm = 105, click = 1, bought = false,
    tracks = { "Click", "Drum Kit", "Bass", "Lead Vocal" },
  },
}
