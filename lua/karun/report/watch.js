"use strict";
const at = (id) => document.getElementById(id);
const seconds = (s) => s < 10 ? s.toFixed(1) + " s" : s < 120 ? s.toFixed(0) + " s" : Math.floor(s / 60) + " min " + Math.floor(s % 60) + " s";
const bytes = (n) => n < 1e6 ? Math.round(n / 1e3) + " kB" : (n / 1e6).toFixed(1) + " MB";
const make = (tag, fields, ...children) => {
  const element = Object.assign(document.createElement(tag), fields);
  element.append(...children);
  return element;
};

function row(track, wall) {
  const now = track.spans.find((span) => span.open);
  const words = track.status ?? (now ? now.name : track.spans.length ? "waiting its turn" : "not yet");
  const sizes = track.received ? bytes(track.received) + (track.total ? " of " + bytes(track.total) : "") : "";
  const lane = make("span", { className: "lane" });
  for (const span of track.spans) {
    const bar = make("i", { className: `p-${span.name}${span.bad ? " bad" : ""}`, title: `${span.name} ${seconds(span.dur_s)}` });
    bar.style.left = 100 * span.start_s / wall + "%";
    bar.style.width = 100 * span.dur_s / wall + "%";
    lane.append(bar);
  }
  const line = make("div", { className: "row " + (track.status ?? "") },
    make("span", { className: "who", title: track.why ?? track.name }, track.name),
    make("span", { className: "what" }, [words, now && now.name === "download" ? sizes : ""].filter(Boolean).join(" · ")), lane);
  line.dataset.track = track.name;
  return line;
}

function show(data) {
  const p = data.progress, ended = data.ended;
  at("state").textContent = ended ? `ended, exit code ${ended.exit_code}: done ${ended.counts.done}, skipped ${ended.counts.skipped}, failed ${ended.counts.failed}`
    : data.waiting ?? p.phase ?? "running";
  at("state").className = "state " + (ended ? (ended.exit_code ? "failed" : "done") : "");
  const facts = [[seconds(data.elapsed_s), "so far"]];
  if (p.song) facts.push([p.songs ? `${p.song}/${p.songs}` : p.song, "song"]);
  if (p.track) facts.push([p.tracks ? `${p.track}/${p.tracks}` : p.track, "track"]);
  if (ended) facts.push([ended.report, "report"]);
  at("facts").replaceChildren(...facts.map(([value, words]) => make("div", {}, make("b", {}, String(value)), make("span", {}, words))));
  at("tracks").replaceChildren(...data.songs.flatMap((song) => [
    make("h3", {}, (song.artist ? song.artist + " – " : "") + song.name),
    ...song.tracks.map((track) => row(track, Math.max(data.elapsed_s, 1)))]));
  at("said").replaceChildren(...data.said.map((text) => make("li", {}, text)).reverse());
}

const socket = new WebSocket(location.href.replace(/^http/, "ws").replace(/[?#].*$/, "") + "ws");
let last = null;
socket.onmessage = (event) => { last = JSON.parse(event.data); show(last); };
socket.onclose = () => { if (!last?.ended) { at("state").textContent = "the run is gone"; at("state").className = "state failed"; } };
