# Another login address: asking for it, confirming it, and what became of it.
title = E-Mail-Adresse ändern
present = Mit { $email } melden Sie sich zurzeit an.
present-none = Für Sie ist noch keine Adresse zur Anmeldung hinterlegt.
new = Neue E-Mail-Adresse
new-hint = Eine neue Adresse gilt, sobald Sie sie über den Link in unserer E-Mail dorthin bestätigt haben.
sessions = Mit der Bestätigung enden alle anderen Anmeldungen, diese bleibt. Frühere Links zur Anmeldung gelten nicht mehr. Die bisherige Adresse bekommt eine Nachricht darüber.
submit = Bestätigung anfordern
# What waits.
pending = Wartet auf Bestätigung: { $email }
pending-until = Der Link in unserer E-Mail gilt bis { $moment }. Sehen Sie bitte auch im Spam-Ordner nach.
withdraw = Änderung zurückziehen
# Errors.
missing = Geben Sie die neue E-Mail-Adresse ein.
same = Mit dieser Adresse melden Sie sich schon an. Geben Sie eine andere ein.
bounced = An diese Adresse können wir nichts zustellen. Geben Sie bitte eine andere ein.
too-many = Heute sind schon viele E-Mails zur Bestätigung verschickt worden. Versuchen Sie es bitte morgen noch einmal, oder melden Sie sich bei uns.
# What the link in the mail shows.
confirm-title = Neue E-Mail-Adresse bestätigen
confirm-lead = Künftig melden Sie sich bei { $brand } mit dieser Adresse an: { $email }
confirm-sessions = Alle Geräte werden abgemeldet, außer dem, auf dem Sie die Änderung angefordert haben. Die bisherige Adresse bekommt eine Nachricht darüber.
confirm-submit = Adresse bestätigen
confirm-hint = Haben Sie das nicht angefordert? Dann schließen Sie diese Seite, es ändert sich nichts.
ended = Ein solcher Link gilt { $hours } Stunden, und nur der neueste. Haben Sie Ihre neue Adresse schon bestätigt, dann gilt sie. Sonst fordern Sie bitte einen neuen an.
ended-overtaken = Ihre Adresse wurde inzwischen auf anderem Weg geändert, dabei bleibt es. Möchten Sie eine andere, dann fordern Sie bitte einen neuen Link an.
ended-submit = Zu Ihrer E-Mail-Adresse
