# Contracts; the operator calls them „Vertrag" or „Abonnement".
number = { $contract ->
    [subscription] Abonnement Nr. { $number }
   *[contract] Vertrag Nr. { $number }
}
ended = { $contract ->
    [subscription] Beendete Abonnements
   *[contract] Beendete Verträge
}
ended-period = { $from } bis { $until }
none = { $contract ->
    [subscription] Noch keine Abonnements
   *[contract] Noch keine Verträge
}
none-running = { $contract ->
    [subscription] Zurzeit läuft kein Abonnement.
   *[contract] Zurzeit läuft kein Vertrag.
}
none-hint = { $contract ->
    [subscription] Sobald Sie ein Abonnement abgeschlossen haben, sehen Sie es hier.
   *[contract] Sobald Sie einen Vertrag abgeschlossen haben, sehen Sie ihn hier.
}
facts = { $contract ->
    [subscription] Abonnementdaten
   *[contract] Vertragsdaten
}
concluded-on = Vertragsabschluss
starts-on = Vertragsbeginn
ends-on = Vertragsende
open-ended = unbefristet
minimum-until = Mindestlaufzeit bis
interval = Zahlungsintervall
next-amount = Nächster Rechnungsbetrag
notice = Kündigungsfrist
components = Gebuchte Leistungen
components-caption = { $contract ->
    [subscription] Gebuchte Leistungen in Abonnement Nr. { $number }
   *[contract] Gebuchte Leistungen in Vertrag Nr. { $number }
}
components-none = Einzelne Leistungen sind hier nicht aufgeführt.
gross-prices = Preise brutto
component = Leistung
quantity = Menge
unit-price = Einzelpreis
component-interval = Intervall
since = seit
metered = nach Verbrauch
per-unit = { $price } je { $unit }
invoices = { $contract ->
    [subscription] Rechnungen dieses Abonnements
   *[contract] Rechnungen dieses Vertrags
}
invoices-caption = { $contract ->
    [subscription] Rechnungen zu Abonnement Nr. { $number }, neueste zuerst
   *[contract] Rechnungen zu Vertrag Nr. { $number }, neueste zuerst
}
invoices-none = { $contract ->
    [subscription] Zu diesem Abonnement gibt es noch keine Rechnung.
   *[contract] Zu diesem Vertrag gibt es noch keine Rechnung.
}
next-amount-on = { $amount } am { $date }
older = { $contract ->
    [subscription] Ältere Abonnements anzeigen
   *[contract] Ältere Verträge anzeigen
}
