# Words that placeholders of mails become, and names of the documents that go with them.
greeting = Hello
greeting-name = Hello { $name }
portal = your customer portal
invoice-file = Invoice-{ $number }.pdf
credit-note-file = Credit-note-{ $number }.pdf
dunning-file = Reminder-{ $number }.pdf
offer-file = Offer-{ $number }.pdf
delivery-note-file = Delivery-note-{ $number }.pdf
order-confirmation-file = Order-confirmation-{ $number }.pdf
