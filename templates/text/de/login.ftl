# Signing in: address, code, choice between customers, personal links, sessions.
title = Anmelden
lead = Sie erhalten einen Anmeldecode per E-Mail. Ein Passwort brauchen Sie nicht.
email = E-Mail-Adresse
email-hint = Die Adresse, die Sie bei uns hinterlegt haben
request = Anmeldecode anfordern
signup = Noch kein Kunde?
signup-link = Jetzt Kunde werden
news = Aktuelles
# Errors of the address.
email-missing = Geben Sie Ihre E-Mail-Adresse ein.
email-invalid = Geben Sie eine E-Mail-Adresse wie name@example.org ein.
email-unknown = Diese E-Mail-Adresse ist bei uns nicht hinterlegt. Nehmen Sie bitte die Adresse, die Sie uns genannt haben.
too-many = Das waren zu viele Versuche. Warten Sie bitte eine Stunde, oder melden Sie sich bei uns.

code-title = Anmeldecode eingeben
code-sent = Falls { $email } bei uns hinterlegt ist, haben wir einen { $digits }-stelligen Anmeldecode dorthin geschickt. Er gilt { $minutes }{ "\u00A0" }Minuten.
code = Anmeldecode
code-hint = { $digits } Ziffern, Leerzeichen sind erlaubt
code-submit = Anmelden
code-none = Kein Code angekommen?
code-resend-from = Sehen Sie bitte auch im Spam-Ordner nach. Einen neuen Code können Sie ab { $time } anfordern; der erste bleibt gültig.
code-resend = Neuen Anmeldecode senden
# Said by the script while the minute runs.
code-resend-wait = Neuer Anmeldecode in { $seconds } s
code-other-address = Andere E-Mail-Adresse verwenden
# Errors of the code.
code-missing = Geben Sie den Anmeldecode aus unserer E-Mail ein.
code-shape = Der Anmeldecode besteht aus { $digits } Ziffern.
code-wrong = { $tries ->
    [one] Der Anmeldecode stimmt nicht. Sie haben noch 1 Versuch.
   *[other] Der Anmeldecode stimmt nicht. Sie haben noch { $tries } Versuche.
}
code-ended = Dieser Anmeldecode gilt nicht mehr. Fordern Sie bitte einen neuen an.
code-too-soon = Einen neuen Anmeldecode können Sie ab { $time } anfordern.

choose-title = Kunde wählen
choose-lead = Zu { $email } gehören mehrere Kunden. Mit welchem möchten Sie sich anmelden?
choose-legend = Kunden, neueste zuerst
choose-number = Kundennummer { $number }
choose-submit = Anmelden
choose-missing = Wählen Sie einen Kunden aus.

link-title = Kundencenter öffnen
link-lead = Sie öffnen das Kundencenter der { $brand } als Kunde { $number }.
link-contract = { $contract ->
    [subscription] Sie kommen direkt zu Abonnement Nr. { $number }.
   *[contract] Sie kommen direkt zu Vertrag Nr. { $number }.
}
link-hint = Dieser Link ist persönlich. Geben Sie ihn nicht weiter.
link-submit = Kundencenter öffnen
link-ended-title = Dieser Link gilt nicht mehr
link-ended-expired = Persönliche Links gelten nur eine begrenzte Zeit, und die ist vorbei. Melden Sie sich bitte mit Ihrer E-Mail-Adresse an.
link-ended-revoked = Dieser Link wurde zurückgezogen. Melden Sie sich bitte mit Ihrer E-Mail-Adresse an.
link-ended-submit = Zur Anmeldung

sessions-title = Anmeldungen
sessions-lead = Hier sind Sie gerade angemeldet. Kommt Ihnen eine Anmeldung fremd vor, beenden Sie sie, oder melden Sie sich überall ab.
sessions-this = Dieses Gerät
sessions-other = Anderes Gerät
sessions-since = angemeldet seit { $since }
sessions-device = { $browser } auf { $system }
sessions-end-one = Abmelden
sessions-end = Überall abmelden
sessions-end-hint = Danach brauchen Sie auf jedem Gerät einen neuen Anmeldecode.
