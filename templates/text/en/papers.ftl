# Names of files that are handed out or go with a mail.
request-file = Deposit-request-{ $number }.pdf
confirmation-file = Deposit-confirmation-{ $number }.pdf
receipt-file = Receipt-{ $number }.pdf
mandate-file = SEPA-mandate-{ $reference }.pdf
cancellation-file = Cancellation-{ $number }.pdf
answer-file = Answer-to-offer-{ $number }.pdf
