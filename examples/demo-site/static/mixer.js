// The song page's mixer: solo and mute in the page, levels read at the press of Download, then the
// basket, the build and the ready dialog. `songPage` is what the server wrote into the page.
(function () {
  "use strict";

  var faults = songPage.faults;
  var container = document.querySelector(".mixer__inner, .custom__mixer-container");
  var link = document.getElementById("link_addcart_" + songPage.song);
  var loader = document.getElementById("mixprod_loader");
  var overlay = document.querySelector(".modal__overlay");
  var content = document.querySelector(".modal__content");
  var resetButton = document.querySelector(".mixer__reset");
  var bubble = document.querySelector(".pitch__bubble");
  var visit = Math.random().toString(36).slice(2);

  var soloed = null;          // data-index of the soloed row, or null
  var muted = {};
  var presses = 0;            // of Solo and Download, for the fault lost_clicks
  var syncs = 0;
  var committed = null;       // two_phase, silent: the mix a press would order now
  var pitchShown = songPage.pitch;

  function rows() { return Array.prototype.slice.call(container.querySelectorAll("[data-index]")); }
  function part(row, name) { return row.querySelector("." + name); }
  function rowOf(index) { return container.querySelector('[data-index="' + index + '"]'); }
  function after(seconds, what) { setTimeout(what, seconds * 1000); }
  function ask(url) { return fetch(url, { headers: { "X-Requested-With": "XMLHttpRequest" }, credentials: "same-origin" }); }

  // A soloed row sounds even if its own level is 0, as the click row's is.
  function level(row) {
    var index = row.dataset.index, own = Number(part(row, "volume").value);
    if (soloed !== null) return index === soloed ? own || 100 : 0;
    return muted[index] ? 0 : own;
  }

  function levels() {
    return rows().map(function (row, i) { return (i + 1) + "," + level(row); }).join(".");
  }

  function pannings() {
    var all = rows().map(function (row, i) { return [i + 1, Number(part(row, "panner").value)]; });
    return all.filter(function (pair) { return pair[1] !== 0; }).map(function (pair) { return pair.join(","); }).join(".");
  }

  function commit() { committed = { trackslevels: levels(), pannings: pannings() }; }

  // What the mixer does after each change, in the model at hand.
  function changed() {
    resetButton.disabled = false;
    if (songPage.model !== "two_phase") return;
    syncs += 1;
    if (songPage.sync === "silent") {
      var mix = { trackslevels: levels(), pannings: pannings() }, number = syncs;
      after(songPage.lags[(number - 1) % songPage.lags.length], function () {
        if (number >= (committed.number || 0)) { committed = mix; committed.number = number; }
      });
    } else {
      ask("/mixer_sync.php?" + new URLSearchParams({
        s: songPage.song, page: visit, n: syncs, trackslevels: levels(), pannings: pannings()
      }));
    }
  }

  function light() {
    rows().forEach(function (row) {
      var index = row.dataset.index;
      part(row, "track__solo").classList.toggle("is-active", index === soloed);
      part(row, "track__mute").classList.toggle("is-active", !!muted[index]);
      row.classList.toggle("is-quiet", level(row) === 0);
      part(row, "track__volume-caption").textContent = part(row, "volume").value + "%";
    });
  }

  function remakeRows() {
    rows().forEach(function (row) {
      part(row, "volume").setAttribute("value", part(row, "volume").value);
      part(row, "panner").setAttribute("value", part(row, "panner").value);
      row.replaceWith(row.cloneNode(true));
    });
    draw();
  }

  function pressSolo(index) {
    soloed = soloed === index ? null : index;
    light();
    changed();
    if (faults.rerender) remakeRows();
  }

  function isLost() {
    presses += 1;
    return presses <= (faults.lost_clicks || 0);
  }

  function onClick(event) {
    var button = event.target.closest("button"), row = event.target.closest("[data-index]");
    if (!button || !row) return;
    var index = row.dataset.index;
    if (button.classList.contains("track__solo")) {
      if (isLost()) return;
      if (faults.slow_first_solo) {
        var wait = faults.slow_first_solo;
        faults.slow_first_solo = false;
        after(wait, function () { pressSolo(index); });
      } else {
        pressSolo(index);
      }
    } else if (button.classList.contains("track__mute")) {
      muted[index] = !muted[index];
      light();
      changed();
    }
  }

  function setLevels(mix) {
    soloed = null;
    muted = {};
    mix.split(".").forEach(function (pair, i) { part(rows()[i], "volume").value = pair.split(",")[1]; });
    rows().forEach(function (row) { part(row, "panner").value = 0; });
    light();
    changed();
  }

  function markPreset(which) {
    document.querySelectorAll("#presets .preset").forEach(function (preset) {
      preset.classList.toggle("is-active", preset === which);
    });
  }

  // The ready dialog.

  function openModal(markup) {
    content.innerHTML = markup;
    overlay.classList.add("is-open");
    document.dispatchEvent(new CustomEvent("modalOpen"));
  }

  function closeModal() {
    overlay.classList.remove("is-open");
    content.innerHTML = "";
  }

  function message(text) {
    var p = document.createElement("p");
    p.className = "download-error";
    p.textContent = text;
    openModal(p.outerHTML);
  }

  function free() {
    loader.hidden = true;
    link.style.pointerEvents = "";
    link.style.opacity = "";
  }

  // From the press to the file.

  function leaveForLogin(reply) {
    if (!reply.redirected || reply.url.indexOf("/my/login.html") < 0) return false;
    location.href = reply.url;
    return true;
  }

  function ready(reply, markup) {
    free();
    var href = reply.headers.get("X-File-Href");
    if (faults.popup && window.open(beginUrl() + "&produced=1", "_blank")) return;
    openModal(markup);
    if (!faults.no_autostart) after(songPage.start, function () { location.href = href; });
  }

  function beginUrl() { return "/my/begin_download.html?id=" + songPage.product + "&famid=5"; }

  function askForFile(more) {
    return ask(beginUrl() + more).then(function (reply) {
      if (leaveForLogin(reply)) return;
      if (!reply.ok) { free(); return message(songPage.texts.failed); }
      var wait = reply.headers.get("X-Mutli-Building");
      if (wait) return ask(wait).then(function () { return askForFile("&produced=1&method=ajax"); });
      return reply.text().then(function (markup) { ready(reply, markup); });
    });
  }

  function orderUrl() {
    var p = mixer.parameters;
    p.prodid = songPage.product;
    p.s = songPage.song;
    p.bkac = "editf";
    var mix = mixer.getMix();
    return "/basket.php?" + new URLSearchParams({
      method: "ajax", famid: p.famid, precount: p.precount, trackslevels: mix.trackslevels, pannings: mix.pannings,
      bkac: p.bkac, s: p.s, prodid: p.prodid, pitch: p.pitch
    });
  }

  function order() {
    loader.hidden = false;
    link.style.pointerEvents = "none";
    link.style.opacity = ".5";
    ask(orderUrl()).then(function (reply) {
      if (leaveForLogin(reply)) return;
      if (!reply.ok) { free(); return message(reply.status === 429 ? songPage.texts.busy : songPage.texts.failed); }
      if (faults.popup === "generating" && window.open(beginUrl(), "_blank")) return free();
      after(songPage.ask, function () { askForFile("&method=ajax").catch(free); });
    }).catch(free);
  }

  function pressDownload(event) {
    event.preventDefault();
    if (link.classList.contains("addtocart")) {
      ask("/basket.php?method=ajax&famid=5&bkac=add&s=" + songPage.song);
      return;
    }
    if (isLost()) return;
    if (faults.alert === "press") alert(songPage.texts.alert);
    if (faults.confirm && !confirm(songPage.texts.confirm)) return;
    order();
  }

  // Key.

  function changePitch(song, step) {
    var limit = faults.key_limit || 12;
    pitchShown = Math.max(-limit, Math.min(limit, pitchShown + step));
    document.querySelector(".pitch__value").textContent = pitchShown;
    bubble.hidden = pitchShown === mixer.parameters.pitch;
  }

  function reloadPreview(event) {
    event.preventDefault();
    var wanted = pitchShown;
    container.classList.add("is-loading");
    ask("/preview.php?s=" + songPage.song + "&pitch=" + wanted).then(function (reply) {
      container.classList.remove("is-loading");
      if (!reply.ok) return;
      mixer.parameters.pitch = wanted;
      bubble.hidden = pitchShown === wanted;
    });
  }

  // A picture of sound, from the row's number: no meaning, but pleasant.
  function draw() {
    rows().forEach(function (row) {
      var canvas = part(row, "track__wave"), pen = canvas.getContext("2d"), n = Number(row.dataset.index) + 1;
      pen.clearRect(0, 0, canvas.width, canvas.height);
      pen.fillStyle = getComputedStyle(canvas).color;
      for (var x = 0; x < canvas.width; x += 3) {
        var beat = Math.abs(Math.sin(x * n * 0.013) * Math.sin(x * 0.05 + n)) * (0.4 + 0.6 * Math.abs(Math.sin(x * 0.011 * n)));
        var height = 2 + beat * (canvas.height - 6);
        pen.fillRect(x, (canvas.height - height) / 2, 2, height);
      }
    });
  }

  function listen() {
    container.addEventListener("click", onClick);
    container.addEventListener("input", function () { markPreset(null); light(); changed(); });
    link.addEventListener("click", pressDownload);
    document.querySelector(".js-modal-close").addEventListener("click", closeModal);
    document.getElementById("pitch-link").addEventListener("click", reloadPreview);
    document.querySelector(".mixer__play").addEventListener("click", function () { this.classList.toggle("is-active"); });
    resetButton.addEventListener("click", function () {
      setLevels(rows().map(function (row, i) { return (i + 1) + "," + (mixer.tracks[i].isClick ? 0 : 100); }).join("."));
      markPreset(null);
      resetButton.disabled = true;
    });
    document.getElementById("presets").addEventListener("click", function (event) {
      if (!event.target.dataset.preset) return;
      event.preventDefault();
      setLevels(event.target.dataset.preset);
      markPreset(event.target);
    });
  }

  function makeMixer(data) {
    window.mixer = {
      tracks: data.tracks,
      parameters: { famid: data.famid, method: "ajax", precount: songPage.precount, pitch: songPage.pitch },
      getLevels: levels,
      getPannings: pannings,
      getMix: function () {
        if (songPage.model === "two_phase" && songPage.sync === "silent") return committed;
        return { trackslevels: levels(), pannings: pannings() };
      },
      setPrecount: function (on) {
        this.parameters.precount = on;
        ask("/preview.php?s=" + songPage.song + "&precount=" + on);
      },
      changePitch: changePitch
    };
    // A box ticked before the mixer was there still counts.
    var box = document.getElementById("precount");
    if (box) mixer.parameters.precount = box.checked ? 1 : 0;
  }

  draw();
  light();
  ask("/multi.json?s=" + songPage.song).then(function (reply) { return reply.json(); }).then(function (data) {
    makeMixer(data);
    commit();
    listen();
    if (typeof faults.rerender === "number") setInterval(remakeRows, faults.rerender * 1000);
  });
})();
