# Around every page.
skip = Zum Inhalt springen
description = Kundencenter der { $brand }
sandbox = Testumgebung – keine echten Rechnungen und Zahlungen
menu = Menü
menu-close = Schließen
navigation = Hauptnavigation
customer-number = Kundennummer
# The other language's own name.
other-language = English
sign-out = Abmelden
footer-unset = Bitte bearbeiten Sie Ihren Footertext in der Textverwaltung
# Before the title of a page with errors, and hidden before each error.
error-prefix = Fehler:
errors-title = Bitte prüfen Sie Ihre Eingabe
help = Kommen Sie nicht weiter?
phone = Telefon
or = oder
pdf = PDF
file = Datei
yes = ja
no = nein
# The label of a field that nobody sees.
decoy = Bitte leer lassen
optional = (freiwillig)
