# „Rechnungen ausgleichen": four steps, what became of a payment, and the link for one invoice.
steps = Schritte
step-amount = Betrag
step-allocation = Verteilung
step-method = Zahlungsmethode
step-check = Prüfen
account = Kundenkonto { $number }
account-open = Kundenkonto { $number } · offene Forderungen
balance = Kontostand (offene Forderungen)
overdue = davon überfällig
credit = Guthaben
your-payment = Ihre Zahlung
open-after = Danach offen
nothing-hint = Sobald eine Rechnung offen ist, können Sie sie hier bezahlen.
nothing-credit = Aus früheren Zahlungen haben Sie { $amount } Guthaben.
which-account = Welches Konto möchten Sie ausgleichen?
how-much = Wie viel möchten Sie bezahlen?
chosen-invoices = Ausgewählte Rechnungen
invoices-caption = Offene Rechnungen, überfällige zuerst
invoice = Rechnung
other-amount = Ein anderer Betrag
other-amount-hint = wird auf mehrere Rechnungen verteilt, überfällige zuerst
amount = Zahlbetrag
amount-hint = zum Beispiel 1.000,00; was übrig bleibt, wird Guthaben
to-allocation = Weiter zur Verteilung
order = So verteilen wir Ihre Zahlung: zuerst überfällige, dann die ältesten Rechnungen.
allocation-caption = { $count ->
    [one] Verteilung von { $amount } auf 1 Rechnung
   *[other] Verteilung von { $amount } auf { $count } Rechnungen
}
paid-now = Jetzt bezahlt
left-open = Bleibt offen
overdue-since = { $count ->
    [one] überfällig seit 1 Tag
   *[other] überfällig seit { $count } Tagen
}
sum = Summe
will-settle = { $count ->
    [one] Nach dieser Zahlung ist 1 Rechnung ausgeglichen.
   *[other] Nach dieser Zahlung sind { $count } Rechnungen ausgeglichen.
}
stays-open = Von Rechnung { $number } bleiben { $amount } offen, fällig am { $date }.
untouched = { $count ->
    [one] 1 weitere Rechnung bleibt ganz offen.
   *[other] { $count } weitere Rechnungen bleiben ganz offen.
}
becomes-credit = { $amount } davon werden Guthaben auf Ihrem Kundenkonto.
credit-of = Guthaben { $amount }
again = Neu verteilen
to-method = Weiter zur Zahlungsmethode
back = Zurück
which-method = Womit möchten Sie bezahlen?
to-check = Weiter zum Prüfen
please-check = Bitte prüfen Sie die Angaben.
amount-of = { $amount } von { $open }
change = Ändern
payee = Empfänger
pay = Bezahlvorgang durchführen
running = Eine Zahlung über { $amount } läuft bereits.
running-see = Stand ansehen
error-amount = Geben Sie einen Betrag ein, zum Beispiel 1.000,00.
error-none = Wählen Sie mindestens eine offene Rechnung aus.
error-too-many = Auf einmal lassen sich höchstens 200 Rechnungen bezahlen. Wählen Sie weniger aus.
error-too-large = Der Betrag ist zu groß.
error-changed = Inzwischen hat sich geändert, was offen ist. Bitte prüfen Sie die Verteilung noch einmal.

# What became of a payment.
payment = Zahlung
invoices = Rechnungen
to-invoices = Zu den Rechnungen
transfer-for = Wir bestätigen den Eingang und verteilen ihn auf { $numbers }.
transfer-for-email = Wir bestätigen den Eingang an { $email } und verteilen ihn auf { $numbers }.
allocated-caption = So wurde Ihre Zahlung verteilt
settled = { $count ->
    [one] 1 Rechnung ist ausgeglichen.
   *[other] { $count } Rechnungen sind ausgeglichen.
}
now-credit = { $amount } sind Guthaben auf Ihrem Kundenkonto.
distributing = Wir verteilen Ihre Zahlung gerade auf die Rechnungen; das dauert nur einen Moment.
open-amount = { $amount } offen
paid-column = Bezahlt

# The link for one invoice.
link-title = Rechnung { $number } bezahlen
link-issued-on = Rechnungsdatum
link-due-on = Fällig am
link-open = Zu zahlen
link-submit = Jetzt bezahlen
link-settled-title = Rechnung { $number } ist bezahlt
link-settled = Es ist nichts mehr zu zahlen. Vielen Dank.
link-cancelled-title = Rechnung { $number } ist storniert
link-cancelled = Es ist nichts zu zahlen.
link-ended-title = Dieser Link gilt nicht mehr
link-ended = Melden Sie sich an, um Ihre Rechnungen zu sehen und zu bezahlen.
link-ended-submit = Zur Anmeldung
error-link-changed = Der offene Betrag hat sich geändert. Bitte prüfen Sie ihn noch einmal.
