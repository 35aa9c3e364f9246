# What just happened.
saved = Gespeichert.
signed-in = Sie sind erfolgreich angemeldet.
signed-out = Sie sind abgemeldet.
signed-out-everywhere = Sie sind auf allen Geräten abgemeldet.
code-ended = Dieser Anmeldecode gilt nicht mehr. Fordern Sie bitte einen neuen an.
session-expired = Ihre Anmeldung ist abgelaufen. Melden Sie sich bitte neu an, danach geht es hier weiter.
code-sent = Wenn Ihre Adresse bei uns hinterlegt ist, ist ein neuer Anmeldecode unterwegs. Der vorige bleibt gültig.
stands-otherwise = Das hat sich inzwischen geändert. So ist jetzt der Stand.
