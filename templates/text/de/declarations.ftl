# „Verträge hier kündigen" and „Vertrag widerrufen": the pages for everybody, and what confirms them. The words of links and
# buttons are the law's (§§ 312k, 356a BGB).
cancel-title = Vertrag kündigen
cancel-lead = Hier kündigen Sie einen Vertrag mit { $brand }. Eine Anmeldung brauchen Sie nicht. Die Bestätigung erhalten Sie sofort.
cancel-submit = jetzt kündigen
withdraw-title = Vertrag widerrufen
withdraw-lead = Hier widerrufen Sie einen Vertrag mit { $brand }. Eine Anmeldung brauchen Sie nicht. Die Bestätigung erhalten Sie sofort.
withdraw-submit = Widerruf bestätigen
# Fields; the confirmation has the same labels.
termination = Art der Kündigung
ordinary = Ordentliche Kündigung
ordinary-hint = Mit der vereinbarten Frist
extraordinary = Außerordentliche Kündigung
extraordinary-hint = Aus einem wichtigen Grund
reason = Kündigungsgrund
reason-hint = Nur bei einer außerordentlichen Kündigung nötig
name = Vor- und Nachname
identity = E-Mail-Adresse oder Kundennummer
identity-hint = Daran erkennen wir Sie
contract = Vertrag
contract-hint = Vertragsnummer oder Bezeichnung
ends-on = Der Vertrag soll enden am
ends-on-hint = Leer lassen, wenn er so früh wie möglich enden soll
earliest = zum nächstmöglichen Zeitpunkt
email = E-Mail-Adresse für die Bestätigung
# Errors.
termination-missing = Wählen Sie die Art der Kündigung aus.
reason-missing = Nennen Sie den Grund der außerordentlichen Kündigung.
name-missing = Geben Sie Ihren Namen ein.
identity-missing = Geben Sie Ihre E-Mail-Adresse oder Ihre Kundennummer ein.
contract-missing = Geben Sie an, welchen Vertrag Sie meinen.
ends-on-invalid = Geben Sie einen Tag wie 31.12.2026 ein, oder lassen Sie das Feld leer.
email-missing = Geben Sie eine E-Mail-Adresse für die Bestätigung ein.
email-invalid = Geben Sie eine E-Mail-Adresse wie name@example.org ein.
too-long = Kürzen Sie „{ $field }“ auf höchstens { $max } Zeichen.
too-many = Von Ihrem Anschluss kamen in der letzten Stunde sehr viele Erklärungen. Ihre Angaben stehen noch hier: Schicken Sie sie bitte in einer Stunde noch einmal ab, oder schreiben Sie uns.
decoy = Ein Feld, das man nicht sieht, war ausgefüllt, vielleicht von Ihrem Browser. Ihre Angaben stehen noch hier: Schicken Sie sie bitte noch einmal ab.
# What came of it.
cancelled-title = Ihre Kündigung ist eingegangen
withdrawn-title = Ihr Widerruf ist eingegangen
received = Eingegangen am { $date } um { $time }
mailed = Wir schicken eine Bestätigung mit diesem Inhalt an { $email }.
not-mailed = An { $email } sind heute schon viele Bestätigungen gegangen. Laden Sie diese bitte hier herunter.
next = Wir prüfen Ihre Erklärung und melden uns bei Ihnen.
content = Das haben Sie erklärt
download = Bestätigung als PDF herunterladen
shown-until = Diese Seite können Sie bis zum { $date } öffnen. Geben Sie ihre Adresse nicht weiter.
cancelled-file = Kündigungsbestätigung-{ $date }.pdf
withdrawn-file = Widerrufsbestätigung-{ $date }.pdf
