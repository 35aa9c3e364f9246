# Customer data (M-11 … M-15), contact person, legal pages.
title = Daten
read-only = Hier sehen Sie die bei uns hinterlegten Kundendaten. Für eine Änderung der Daten nehmen Sie bitte Kontakt mit uns auf.
general = Allgemeine Daten
customer-number = Kundennummer
salutation = Anrede
company = Firma
first-name = Vorname
last-name = Nachname
phone1 = Telefon 1
phone2 = Telefon 2
mobile = Mobil
login-email = E-Mail (Anmeldung)
billing-address = Rechnungsanschrift
line1 = Adresse 1
line2 = Adresse 2
line3 = Adresse 3
postal-code = PLZ
city = Ort
state = Staat
country = Land
invoice-email = E-Mail für Rechnungen
billing = Rechnungsstellung
tax-region = Steuerregion
tax-number = Steuernummer
vat-id = EU-USt-IdNr.
payment-type = Zahlungsart

contact-title = Ansprechpartner
contact-personal = Persönlicher Ansprechpartner
contact-write = E-Mail schreiben
contact-none = Ihnen ist noch kein persönlicher Ansprechpartner zugeordnet
contact-none-hint = So erreichen Sie uns trotzdem:

legal-empty = Dieser Text folgt noch
legal-empty-hint = Der Betreiber dieses Kundencenters hat ihn noch nicht hinterlegt.
to-start = Zur Startseite
