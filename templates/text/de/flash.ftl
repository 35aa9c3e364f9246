# What just happened.
saved = Gespeichert.
signed-in = Sie sind erfolgreich angemeldet.
signed-out = Sie sind abgemeldet.
signed-out-everywhere = Sie sind auf allen Geräten abgemeldet.
code-ended = Dieser Anmeldecode gilt nicht mehr. Fordern Sie bitte einen neuen an.
session-ended = Das Gerät ist abgemeldet.
email-change-requested = Wir haben eine E-Mail an die neue Adresse geschickt. Sie gilt, sobald Sie sie über den Link darin bestätigt haben.
email-change-withdrawn = Ihre Adresse bleibt, wie sie ist. Der Link in unserer E-Mail gilt nicht mehr.
email-changed = Ihre neue E-Mail-Adresse gilt. Melden Sie sich künftig mit ihr an.
session-expired = Ihre Anmeldung ist abgelaufen. Melden Sie sich bitte neu an, danach geht es hier weiter.
code-sent = Wenn Ihre Adresse bei uns hinterlegt ist, ist ein neuer Anmeldecode unterwegs. Der vorige bleibt gültig.
stands-otherwise = Das ist hier zurzeit nicht möglich. So ist jetzt der Stand.
taken-back = Die Kündigung ist zurückgenommen. Eine Bestätigung kommt per E-Mail.
paused = Die Pause hat begonnen. Eine Bestätigung kommt per E-Mail.
resumed = Die Pause ist beendet. Eine Bestätigung kommt per E-Mail.
commented = Ihr Kommentar ist bei uns. Die Antwort finden Sie hier.
