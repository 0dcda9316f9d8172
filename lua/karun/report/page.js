"use strict";
// Timelines: zoom, and a walk from bar to bar by keys. Without this script all is still there to read.
for (const box of document.querySelectorAll(".timeline")) {
  const wide = box.querySelector(".wide"), said = document.getElementById("said");
  let zoom = 1, current = null;
  const say = (bar) => { if (bar && said) said.textContent = bar.title; };
  const setZoom = (value, at) => {
    const place = at ?? box.clientWidth / 2, share = (box.scrollLeft + place) / wide.offsetWidth;
    zoom = Math.min(200, Math.max(1, value));
    wide.style.setProperty("--zoom", zoom);
    box.scrollLeft = share * wide.offsetWidth - place;
  };
  const show = (bar) => {
    current?.classList.remove("now");
    current = bar;
    bar.classList.add("now");
    bar.scrollIntoView({ block: "nearest", inline: "nearest" });
    say(bar);
  };
  const bars = (row) => [...(row?.querySelectorAll(".lane i") ?? [])];
  const beside = (row, way) => {
    do { row = way > 0 ? row.nextElementSibling : row.previousElementSibling; } while (row && bars(row).length === 0);
    return row;
  };
  const middle = (bar) => { const r = bar.getBoundingClientRect(); return r.left + r.width / 2; };
  const move = (key) => {
    if (!current) { const first = box.querySelector(".lane i"); if (first) show(first); return; }
    const row = current.closest(".row"), list = bars(row), i = list.indexOf(current);
    if (key === "ArrowRight" && list[i + 1]) show(list[i + 1]);
    if (key === "ArrowLeft" && list[i - 1]) show(list[i - 1]);
    if (key === "ArrowDown" || key === "ArrowUp") {
      const next = beside(row, key === "ArrowDown" ? 1 : -1), x = middle(current);
      if (next) show(bars(next).reduce((a, b) => Math.abs(middle(b) - x) < Math.abs(middle(a) - x) ? b : a));
    }
  };
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+" || event.key === "=") setZoom(zoom * 1.5);
    else if (event.key === "-") setZoom(zoom / 1.5);
    else if (event.key === "0") setZoom(1);
    else if (event.key.startsWith("Arrow")) move(event.key);
    else return;
    event.preventDefault();
  });
  box.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    setZoom(zoom * Math.exp(-event.deltaY / 300), event.clientX - box.getBoundingClientRect().left);
  }, { passive: false });
  box.addEventListener("mouseover", (event) => { if (event.target.matches(".lane i")) say(event.target); });
  for (const button of box.parentElement.querySelectorAll("[data-zoom]"))
    button.addEventListener("click", () => setZoom({ in: zoom * 1.5, out: zoom / 1.5, fit: 1 }[button.dataset.zoom]));
}
