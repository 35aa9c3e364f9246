# Comments on a document or an invoice.
title = Kommentare
you = Von Ihnen
label = Ihr Kommentar
hint = Höchstens { $max } Zeichen. Die Antwort finden Sie hier.
submit = Kommentar senden
missing = Schreiben Sie, was Sie uns sagen möchten.
too-long = Kürzen Sie den Kommentar auf höchstens { $max } Zeichen.
invalid = Der Kommentar enthält unsichtbare Steuerzeichen. Geben Sie ihn bitte ohne sie ein.
full = Zu diesem Dokument gibt es schon { $max } Kommentare, mehr sind nicht möglich. Wenden Sie sich bitte direkt an uns.
too-many = Sie haben in der letzten Stunde sehr viele Kommentare geschrieben. Ihr Text steht noch hier: Senden Sie ihn bitte in einer Stunde noch einmal.
