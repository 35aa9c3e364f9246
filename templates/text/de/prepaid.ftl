# „Konten" and „Prepaid-Konto aufladen".
account = Prepaid-Konto { $number }
account-balance = Prepaid-Konto { $number } · Guthaben
account-named = Prepaid-Konto { $number } · { $name }
no-accounts = Noch kein Konto
no-accounts-hint = Sobald Sie eine Rechnung oder ein Prepaid-Konto haben, sehen Sie hier den Kontostand.
no-entry = noch keine Buchung
see-entries = Buchungen ansehen
last-entries = Letzte Buchungen auf { $number }
entries-caption = Buchungen auf Konto { $number }, neueste zuerst
all-accounts = Alle Konten
entries = Buchungen
no-entries = Noch keine Buchung
no-entries-hint = Sobald auf dieses Konto etwas gebucht wird, sehen Sie es hier.
older = Ältere Buchungen anzeigen
newest = Zurück zu den neuesten Buchungen
entry = Buchung
date = Datum
reference = Referenz
amount = Betrag
balance = Kontostand
csv-name = Konto-{ $number }
entry-invoice = Rechnung { $number }
entry-opening = Rechnung { $number } war schon bezahlt
entry-invoice-payment = Zahlung auf Rechnung { $number }
entry-payment = Zahlung
entry-payment-by = Zahlung per { $method }
entry-reversal = Zahlung zurückgebucht
entry-reversal-of = Zahlung auf Rechnung { $number } zurückgebucht
entry-cancellation = Rechnung { $number } storniert
entry-credit-note = Gutschrift { $number }
entry-credit-note-settled = Gutschrift { $number } schon ausgezahlt oder verrechnet
entry-top-up = Einzahlung
entry-top-up-by = Einzahlung per { $method }
entry-spending = Rechnung { $number } bezahlt
entry-spending-many = { $count ->
    [one] 1 Rechnung bezahlt
   *[other] { $count } Rechnungen bezahlt
}

limits = Sie können { $least } bis { $most } aufladen.
choose-account = Konto
other = Anderer
other-amount = Anderer Betrag
between = { $least } bis { $most }
reference-text = Referenz-Text
reference-hint = Ihre eigene Vorgangsnummer, höchstens 35 Zeichen. Sie steht auf dem Beleg.
last = Letzte Aufladungen
arrived = Eingegangen
awaited = Geld erwartet
not-paid = Nicht bezahlt
nothing = Noch kein Prepaid-Konto
nothing-hint = Für Sie ist noch kein Prepaid-Konto eingerichtet. Wünschen Sie eines, sprechen Sie uns an.
error-account = Wählen Sie eines Ihrer Konten.
error-amount = Geben Sie einen Betrag von { $least } bis { $most } ein.
error-reference = Der Referenz-Text darf höchstens 35 Zeichen haben.

deposit = Einzahlung
to-account = Zum Konto
request-pdf = Einzahlungsaufforderung (PDF)
confirmation-pdf = Einzahlungsbestätigung (PDF)
confirmed = Sie bekommen dann eine Einzahlungsbestätigung.
confirmed-to = Die Einzahlungsbestätigung schicken wir dann an { $email }.
booked = Das Geld steht auf Konto { $account } bereit.
