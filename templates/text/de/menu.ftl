# The main menu, in the order in which it stands, and the links at the foot of every page.
start = Startseite
data = Daten
data-customer = Kundendaten
addresses = Rechnungsadressen
payment-methods = Zahlungsmethoden
data-contact = Ansprechpartner
contracts = { $contract ->
    [subscription] Abonnements
   *[contract] Verträge
}
invoices = Rechnungen
invoices-all = Alle Rechnungen
documents = Dokumente
accounts = Konten
prepaid = Prepaid-Konto aufladen
settle = Rechnungen ausgleichen
imprint = Impressum
privacy = Datenschutz
accessibility = Barrierefreiheit
cancel = Verträge hier kündigen
withdraw = Vertrag widerrufen
