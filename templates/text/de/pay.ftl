# Ways to pay and what belongs to them: paying invoices and topping up say it in the same words.
method = Zahlungsmethode
method-sandbox = Testzahlung
method-card = Kreditkarte
method-paypal = PayPal
method-online = Online-Banking
method-online-label = Per Online-Banking bezahlen
method-debit = SEPA-Lastschrift
method-transfer = Banküberweisung
method-balance = Guthaben
method-balance-of = Prepaid-Konto { $account }
hint-sandbox = Es fließt kein Geld; nach der Testseite kommen Sie zurück
hint-debit = von Ihrem Bankkonto eingezogen
hint-transfer = mit GiroCode für Ihre Banking-App
hint-balance = Guthaben { $amount }
hint-kept = bei uns hinterlegt
at-once = sofort gebucht
in-minutes = meist nach Minuten gebucht
in-days = 1 bis 2 Bankarbeitstage
after-days = nach einigen Bankarbeitstagen
now-with = Sie zahlen jetzt { $amount } mit { $method }
now-by-transfer = Sie zahlen { $amount } per Banküberweisung
now-from-balance = Sie zahlen jetzt { $amount } von Prepaid-Konto { $account }
then-provider = Im nächsten Schritt öffnen Sie die Seite für { $method }.
then-page = Im nächsten Schritt öffnen Sie die Seite unseres Zahlungsanbieters.
then-transfer = Im nächsten Schritt sehen Sie, wohin Sie überweisen.
then-balance = Der Betrag wird sofort von Ihrem Guthaben abgezogen.
then-kept = Der Betrag wird sofort eingezogen; Sie bleiben auf dieser Seite.
once = Auch bei einem Doppelklick zahlen Sie nur einmal.
error-method = Wählen Sie eine der angebotenen Zahlungsmethoden.
error-balance = Das Guthaben reicht nicht. Wählen Sie eine andere Zahlungsmethode oder einen kleineren Betrag.
error-running = Für dieses Konto läuft gerade schon eine Zahlung. Warten Sie einen Moment und versuchen Sie es dann noch einmal.
no-method = Zurzeit kann hier nicht bezahlt werden.
for-top-up = Aufladung von Konto { $account }
for-many = { $count ->
    [one] 1 Rechnung
   *[other] { $count } Rechnungen
}
for-invoices = { $count ->
    [one] Rechnung { $numbers }
   *[other] Rechnungen { $numbers }
}

# A transfer.
transfer = Überweisung
transfer-title = Bitte überweisen Sie { $amount }
transfer-lead = Scannen Sie den GiroCode mit Ihrer Banking-App oder übernehmen Sie die Angaben genau so, damit wir Ihre Zahlung sofort zuordnen.
transfer-lead-plain = Übernehmen Sie die Angaben genau so, damit wir Ihre Zahlung sofort zuordnen.
transfer-next = Wie geht es weiter?
transfer-days = Das Geld ist meist nach 1 bis 2 Bankarbeitstagen da.
transfer-other = Überweisen Sie einen anderen Betrag, buchen wir ihn, wie er kommt.
holder = Kontoinhaber
iban = IBAN
bic = BIC
bank = Kreditinstitut
amount = Betrag
reference = Verwendungszweck
giro-code = GiroCode
giro-code-alt = GiroCode mit Empfänger, IBAN, Betrag und Verwendungszweck dieser Überweisung
no-giro-code = In der Testumgebung gibt es keinen GiroCode: Er würde echtes Geld bewegen.
copy = Kopieren
copied = Kopiert

# A payment's page.
number = Zahlungsnummer
started = Begonnen
booked = Gebucht am
confirmation-to = Bestätigung an
go-title = Weiter zur Zahlung
go-lead = Sie bezahlen auf der Seite für { $method } und kommen danach hierher zurück.
go-lead-page = Sie bezahlen auf der Seite unseres Zahlungsanbieters und kommen danach hierher zurück.
go = Zur Zahlungsseite
waiting-title = Ihre Zahlung wird bestätigt
waiting = Wir warten auf die Bestätigung. Das dauert meist weniger als eine Minute. Sie brauchen nicht noch einmal zu bezahlen.
waiting-kept = Ihre Zahlung ist bei unserem Zahlungsanbieter und noch nicht entschieden. Sie brauchen nicht noch einmal zu bezahlen.
waiting-debit = Ihre Lastschrift ist bei der Bank. Das dauert einige Bankarbeitstage. Sie brauchen nicht noch einmal zu bezahlen.
waiting-provider = Die Zahlungsseite antwortet gerade nicht. Laden Sie den Stand in einer Minute neu; bezahlt wird dadurch nichts.
waiting-email = Sobald das Geld da ist, schicken wir eine Bestätigung an { $email }. Sie können diese Seite schließen.
waiting-close = Sie können diese Seite schließen.
back-title = Sie sind zurück
back = Wie es steht, zeigt Ihr Link: Öffnen Sie ihn noch einmal, dort, wo Sie ihn erhalten haben. Sie können diese Seite schließen.
reload = Stand neu laden
paid-title = Vielen Dank, Ihre Zahlung ist da
receipt = Quittung herunterladen
receipt-of = (PDF) zur Zahlung { $number }
paid-less = Angefordert waren { $asked }, angekommen sind { $received }.
paid-more = Angefordert waren { $asked }, angekommen sind { $received }; gebucht ist, was angekommen ist.
paid-reversed = { $amount } davon wurden zurückgebucht.
failed-title = Die Zahlung wurde abgelehnt
failed = Es wurde nichts abgebucht. Versuchen Sie es noch einmal, auch mit einer anderen Zahlungsmethode.
cancelled-title = Sie haben die Zahlung abgebrochen
cancelled = Es wurde nichts abgebucht.
expired-title = Die Zeit für diese Zahlung ist abgelaufen
expired = Es wurde nichts abgebucht.
expired-transfer = Bis heute ist kein Geld eingegangen. Haben Sie schon überwiesen, buchen wir den Betrag, sobald er da ist.
late = Kommt das Geld doch noch an, buchen wir es und sagen Ihnen Bescheid.
retry = Erneut versuchen
