# Accounts and topping up.
account = Prepaid account { $number }
account-balance = Prepaid account { $number } · balance
account-named = Prepaid account { $number } · { $name }
no-accounts = No account yet
no-accounts-hint = As soon as you have an invoice or a prepaid account, you see the balance here.
no-entry = no entry yet
see-entries = See entries
last-entries = Last entries on { $number }
entries-caption = Entries on account { $number }, newest first
all-accounts = All accounts
entries = Entries
no-entries = No entry yet
no-entries-hint = As soon as something is booked on this account, you see it here.
older = Show older entries
newest = Back to the newest entries
entry = Entry
date = Date
reference = Reference
amount = Amount
balance = Balance
csv-name = Account-{ $number }
entry-invoice = Invoice { $number }
entry-opening = Invoice { $number } was already paid
entry-invoice-payment = Payment on invoice { $number }
entry-payment = Payment
entry-payment-by = Payment by { $method }
entry-reversal = Payment charged back
entry-reversal-of = Payment on invoice { $number } charged back
entry-cancellation = Invoice { $number } cancelled
entry-credit-note = Credit note { $number }
entry-credit-note-settled = Credit note { $number } paid out or set off before
entry-top-up = Deposit
entry-top-up-by = Deposit by { $method }
entry-spending = Invoice { $number } paid
entry-spending-many = { $count ->
    [one] 1 invoice paid
   *[other] { $count } invoices paid
}

limits = You can top up { $least } to { $most }.
choose-account = Account
other = Other
other-amount = Other amount
between = { $least } to { $most }
reference-text = Reference text
reference-hint = Your own reference, at most 35 characters. It is printed on the receipt.
last = Last top-ups
arrived = Received
awaited = Awaiting money
not-paid = Not paid
nothing = No prepaid account yet
nothing-hint = You do not have a prepaid account yet. If you would like one, please contact us.
error-account = Choose one of your accounts.
error-amount = Enter an amount from { $least } to { $most }.
error-reference = The reference text may have at most 35 characters.

deposit = Deposit
to-account = To the account
request-pdf = Payment request (PDF)
confirmation-pdf = Deposit confirmation (PDF)
confirmed = You then get a deposit confirmation.
confirmed-to = We then send the deposit confirmation to { $email }.
booked = The money is available on account { $account }.
