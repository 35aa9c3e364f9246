# Names of files that are handed out or go with a mail.
request-file = Einzahlungsaufforderung-{ $number }.pdf
confirmation-file = Einzahlungsbestätigung-{ $number }.pdf
receipt-file = Quittung-{ $number }.pdf
mandate-file = SEPA-Mandat-{ $reference }.pdf
cancellation-file = Kündigungsbestätigung-{ $number }.pdf
answer-file = Antwort-auf-Angebot-{ $number }.pdf
