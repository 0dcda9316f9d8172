// What gets in the way: a cookie notice, a late offer, an alert.
(function () {
  "use strict";

  var faults = songPage.faults, texts = songPage.notices;

  function cover(id, text, button, close) {
    var box = document.createElement("div");
    box.id = id;
    box.className = "cover " + id;
    box.innerHTML = '<div class="cover__box"><p></p><button></button></div>';
    box.querySelector("p").textContent = text;
    box.querySelector("button").id = id + "-close";
    box.querySelector("button").textContent = button;
    box.querySelector("button").addEventListener("click", function () { box.remove(); close(); });
    document.body.appendChild(box);
  }

  if (faults.cookie_overlay && document.cookie.indexOf("consent=1") < 0) {
    cover("cookie-banner", texts.cookies, texts.accept, function () { document.cookie = "consent=1; path=/; max-age=31536000"; });
  }

  window.addEventListener("load", function () {
    if (faults.newsletter) {
      setTimeout(function () { cover("newsletter", texts.newsletter, texts.no_thanks, function () {}); }, Number(faults.newsletter) * 1000);
    }
    if (faults.alert === "load") alert(songPage.texts.alert);
  });
})();
