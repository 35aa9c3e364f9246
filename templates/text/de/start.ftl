# Start page.
title = Startseite
greeting = Herzlich willkommen, { $name }!
customer-number = Ihre Kundennummer: { $number }
open-amount = Offener Betrag
open-from = { $count ->
    [one] aus 1 Rechnung
   *[other] aus { $count } Rechnungen
}
open-overdue = davon { $amount } überfällig
open-none = Sie haben alles bezahlt.
see-open = Offene Rechnungen ansehen
pay-now = Jetzt bezahlen
todo = Zu erledigen
todo-more = { $count ->
    [one] Noch 1 offene Rechnung
   *[other] Noch { $count } offene Rechnungen
}
todo-pay = Rechnung { $number } bezahlen
contracts-all = { $contract ->
    [subscription] Alle Abonnements
   *[contract] Alle Verträge
}
contracts-none = { $contract ->
    [subscription] Noch kein Abonnement
   *[contract] Noch kein Vertrag
}
last-invoices = Letzte Rechnungen
invoices-none = Noch keine Rechnung
issued = vom { $date }
news = Aktuelles
