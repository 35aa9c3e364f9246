# Words that placeholders of mails become, and names of the documents that go with them.
greeting = Guten Tag
greeting-name = Guten Tag { $name }
portal = Ihr Kundencenter
invoice-file = Rechnung-{ $number }.pdf
credit-note-file = Gutschrift-{ $number }.pdf
dunning-file = Mahnung-{ $number }.pdf
offer-file = Angebot-{ $number }.pdf
delivery-note-file = Lieferschein-{ $number }.pdf
order-confirmation-file = Auftragsbestätigung-{ $number }.pdf
