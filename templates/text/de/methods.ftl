# Ways to pay that the customer keeps here.
title = Zahlungsmethoden
lead = Was hier steht, zieht { $merchant } nur für Rechnungen und Aufladungen ein, die Sie bezahlen oder vereinbart haben.
lead-default = Die Standard-Zahlungsmethode gilt für alle künftigen Verträge und Rechnungen.
ends-in = { $name }, endet auf { $digits }
paypal-of = PayPal { $email }
test = Testzahlung, { $behaviour }
test-pays = zahlt sofort
test-declines = wird abgelehnt
test-waits = wartet auf eine Entscheidung
add = Zahlungsmethode hinzufügen
none = Noch keine Zahlungsmethode
none-hint = Hinterlegen Sie eine Zahlungsmethode, dann bezahlen Sie künftig mit einem Klick.
none-offered = Zurzeit kann hier keine Zahlungsmethode hinterlegt werden.
default = Standard
make-default = Als Standard verwenden
clear-default = Nicht mehr als Standard verwenden
remove = Entfernen
valid-until = gültig bis { $month }
expired = abgelaufen im { $month }
ended = nicht mehr gültig
mandate-reference = Mandatsreferenz { $reference }
mandate = SEPA-Mandat
added = hinterlegt am { $date }
used-by = { $contract ->
    [subscription] für Abonnement { $numbers }
   *[contract] für Vertrag { $numbers }
}
which = Welche Zahlungsmethode möchten Sie hinterlegen?
hint-card = Sie geben die Karte auf der Seite unseres Zahlungsanbieters ein.
hint-paypal = Sie stimmen bei PayPal zu.
hint-debit = Sie erteilen das SEPA-Mandat auf der Seite unseres Zahlungsanbieters.
hint-sandbox = Es fließt kein Geld; Sie entscheiden auf der Testseite, was geschieht.
wishes = Wofür soll sie gelten?
as-default = Für künftige Verträge und Rechnungen verwenden (Standard)
as-default-always = Sie wird Ihre Standard-Zahlungsmethode für künftige Verträge und Rechnungen.
collected = Damit buchen wir auch offene Rechnungen ab, sobald sie fällig sind.
for-contracts = { $contract ->
    [subscription] Auch für meine bestehenden Abonnements verwenden
   *[contract] Auch für meine bestehenden Verträge verwenden
}
for-failed = Offene Rechnungen, deren letzte Zahlung nicht erfolgreich war, bezahlen wir sofort damit.
for-failed-wish = Offene Rechnungen, deren letzte Zahlung nicht erfolgreich war, jetzt damit bezahlen
go-on = Weiter
back = Zurück zu den Zahlungsmethoden
error-method = Wählen Sie eine der angebotenen Zahlungsmethoden.
error-too-many = Sie haben schon { $most } Zahlungsmethoden hinterlegt. Entfernen Sie zuerst eine.
go-title = Weiter zum Zahlungsanbieter
go-lead = Sie hinterlegen Ihre Zahlungsmethode auf der Seite unseres Zahlungsanbieters und kommen danach hierher zurück.
go = Zur Seite des Zahlungsanbieters
waiting-title = Ihre Zahlungsmethode wird bestätigt
waiting = Wir warten auf die Bestätigung des Zahlungsanbieters. Das dauert meist nur einen Moment.
saved-title = Ihre Zahlungsmethode ist hinterlegt
saved-default = Sie gilt ab jetzt für künftige Verträge und Rechnungen.
saved-plain = Sie können jetzt damit bezahlen.
saved-contracts = { $contract ->
    [subscription] Ihre laufenden Abonnements verwenden sie auch.
   *[contract] Ihre laufenden Verträge verwenden sie auch.
}
saved-failed = Offene Rechnungen, deren letzte Zahlung nicht erfolgreich war, bezahlen wir jetzt damit.
saved-close = Sie können diese Seite schließen.
failed-title = Die Zahlungsmethode wurde nicht hinterlegt
failed = Sie haben abgebrochen, oder der Zahlungsanbieter hat abgelehnt. Abgebucht wurde nichts.
ended-title = Diese Zahlungsmethode gilt nicht mehr
ended-lead = Sie wurde entfernt oder von der Bank beendet. Damit wird nichts mehr abgebucht.
retry = Erneut versuchen
remove-title = Zahlungsmethode entfernen
remove-lead = { $name } wird auch beim Zahlungsanbieter gelöscht.
remove-used = Sie wird noch verwendet. Wählen Sie, was an ihre Stelle tritt.
remove-used-for = Sie wird noch verwendet: { $uses }. Wählen Sie, was an ihre Stelle tritt.
remove-default = als Standard-Zahlungsmethode
replacement = Ersatz
replacement-none = Hinterlegen Sie zuerst eine andere Zahlungsmethode, die an ihre Stelle tritt. Wollen Sie keine mehr hinterlegen, wählen Sie bei Ihren Verträgen die Standard-Zahlungsmethode und heben Sie hier den Standard auf.
replacement-uses = Verwendet: { $uses }.
error-replacement = Wählen Sie eine Zahlungsmethode, die an ihre Stelle tritt.
remove-now = Zahlungsmethode entfernen
contract = Zahlungsmethode
contract-title = { $contract ->
    [subscription] Zahlungsmethode für Abonnement Nr. { $number }
   *[contract] Zahlungsmethode für Vertrag Nr. { $number }
}
contract-default = Standard-Zahlungsmethode
contract-default-of = Standard-Zahlungsmethode ({ $name })
contract-none = keine hinterlegt
contract-change = Ändern
contract-save = Speichern
contract-lead = { $contract ->
    [subscription] Damit bezahlen Sie künftige Rechnungen dieses Abonnements.
   *[contract] Damit bezahlen Sie künftige Rechnungen dieses Vertrags.
}
link-lead = Kundennummer { $customer }
