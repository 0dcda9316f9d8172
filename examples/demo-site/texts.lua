-- What the site says in each language. `host` is only shown; addresses are the same everywhere.

local english = {
  host = "www.karaoke-version.com", code = "en",
  log_in = "Log in", log_out = "Log Out", my_account = "My Account", my_files = "My Files (%d)", hello = "Hello %s",
  cart = "Cart (%d)", user = "E-mail", password = "Password", refused = "Wrong e-mail or password.",
  search = "Search", results = "Results for \"%s\"", nothing = "No song found.", songs_by = "Songs by %s",
  title = "%s - %s (Custom Backing Track MP3)", custom = "Custom Backing Track",
  key = "Key", key_up = "Key Up", key_down = "Key Down", reload = "Reload",
  key_changed = "The key has changed. Reload the preview to hear it.",
  intro_count = "Intro count", solo = "Solo", mute = "Mute", reset = "Reset", play = "Play", presets = "Presets", original = "Original",
  download = "Download", add_to_cart = "Add to cart", loading = "Your custom accompaniment track is being generated.",
  begin = "Your download will begin in a moment...",
  if_not = "If the download doesn't start within 10 seconds, use the link below.",
  manual = "You can also click on the link below to manually begin your download:",
  generating = "Generating MP3", generating_more = "Your custom accompaniment track is being generated. This takes less than one minute.",
  failed = "Sorry, your track could not be generated. Please try again later.",
  busy = "Too many requests. Please wait a moment.", close = "Close",
  not_found = "Page not found", unavailable = "Service unavailable",
  cookies = "We use cookies to make this site work.", accept = "Accept",
  newsletter = "Subscribe to our newsletter and get 10% off!", no_thanks = "No thanks",
  alert = "Your session will be renewed.", confirm = "Generate this track now?",
}

local function with(base, changes)
  return setmetatable(changes, { __index = base })
end

return {
  en = english,
  ["en-gb"] = with(english, {
    host = "www.karaoke-version.co.uk", code = "en-GB", key_up = "Key up", key_down = "Key down", log_out = "Log out",
  }),
  de = with(english, {
    host = "www.karaoke-version.de", code = "de",
    log_in = "Anmelden", log_out = "Abmelden", my_account = "Mein Konto", my_files = "Meine Dateien (%d)", hello = "Hallo %s",
    cart = "Warenkorb (%d)", user = "E-Mail", password = "Passwort", refused = "E-Mail oder Passwort ist falsch.",
    search = "Suchen", results = "Ergebnisse für \"%s\"", nothing = "Kein Titel gefunden.", songs_by = "Titel von %s",
    title = "%s - %s (Individuelles Playback MP3)", custom = "Individuelles Playback",
    key = "Tonart", key_up = "Tonart höher", key_down = "Tonart tiefer", reload = "Neu laden",
    key_changed = "Die Tonart wurde geändert. Vorschau neu laden.",
    intro_count = "Einzähler", solo = "Solo", mute = "Stumm", reset = "Zurücksetzen", play = "Abspielen",
    presets = "Voreinstellungen", original = "Original",
    download = "Herunterladen", add_to_cart = "In den Warenkorb", loading = "Ihr Playback wird erstellt.",
    begin = "Ihr Download beginnt gleich...", if_not = "Falls der Download nicht innerhalb von 10 Sekunden beginnt, nutzen Sie den Link.",
    manual = "Sie können den Download auch hier von Hand starten:",
    generating = "MP3 wird erstellt", generating_more = "Ihr Playback wird erstellt. Das dauert weniger als eine Minute.",
    failed = "Ihr Playback konnte leider nicht erstellt werden.", busy = "Zu viele Anfragen. Bitte warten Sie.", close = "Schließen",
    not_found = "Seite nicht gefunden", unavailable = "Zurzeit nicht verfügbar",
    cookies = "Wir verwenden Cookies.", accept = "Annehmen", newsletter = "Newsletter abonnieren: 10 % Rabatt!", no_thanks = "Nein danke",
    alert = "Ihre Sitzung wird erneuert.", confirm = "Playback jetzt erstellen?",
  }),
  fr = with(english, {
    host = "www.version-karaoke.fr", code = "fr",
    log_in = "Se connecter", log_out = "Déconnexion", my_account = "Mon compte", my_files = "Mes fichiers (%d)", hello = "Bonjour %s",
    cart = "Panier (%d)", user = "E-mail", password = "Mot de passe", refused = "E-mail ou mot de passe incorrect.",
    search = "Rechercher", results = "Résultats pour « %s »", nothing = "Aucun titre.", songs_by = "Titres de %s",
    title = "%s - %s (Playback personnalisé MP3)", custom = "Playback personnalisé",
    key = "Tonalité", key_up = "Augmenter la tonalité", key_down = "Baisser la tonalité", reload = "Recharger",
    key_changed = "La tonalité a changé. Rechargez l'aperçu.",
    intro_count = "Décompte", solo = "Solo", mute = "Muet", reset = "Réinitialiser", play = "Écouter",
    presets = "Préréglages", original = "Original",
    download = "Télécharger", add_to_cart = "Ajouter au panier", loading = "Votre playback est en cours de création.",
    begin = "Votre téléchargement va commencer...", if_not = "S'il ne commence pas dans les 10 secondes, utilisez le lien.",
    manual = "Vous pouvez aussi le lancer ici :",
    generating = "Création du MP3", generating_more = "Votre playback est en cours de création. Moins d'une minute.",
    failed = "Votre playback n'a pas pu être créé.", busy = "Trop de demandes. Patientez.", close = "Fermer",
    not_found = "Page introuvable", unavailable = "Service indisponible",
    cookies = "Nous utilisons des cookies.", accept = "Accepter", newsletter = "Abonnez-vous : 10 % de remise !", no_thanks = "Non merci",
    alert = "Votre session va être renouvelée.", confirm = "Créer ce playback maintenant ?",
  }),
}
