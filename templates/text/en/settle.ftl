# Settling invoices: four steps, what became of a payment, and the link for one invoice.
steps = Steps
step-amount = Amount
step-allocation = Allocation
step-method = Payment method
step-check = Check
account = Customer account { $number }
account-open = Customer account { $number } · open items
balance = Balance (open items)
overdue = of which overdue
credit = Credit
your-payment = Your payment
open-after = Open afterwards
nothing-hint = As soon as an invoice is open, you can pay it here.
nothing-credit = You have { $amount } of credit from earlier payments.
which-account = Which account would you like to settle?
how-much = How much would you like to pay?
chosen-invoices = Selected invoices
invoices-caption = Open invoices, overdue ones first
invoice = Invoice
other-amount = Another amount
other-amount-hint = is spread over several invoices, overdue ones first
amount = Amount to pay
amount-hint = for example 1,000.00; what is left over becomes credit
to-allocation = Continue to allocation
order = This is how we allocate your payment: overdue invoices first, then the oldest.
allocation-caption = { $count ->
    [one] Allocation of { $amount } to 1 invoice
   *[other] Allocation of { $amount } to { $count } invoices
}
paid-now = Paid now
left-open = Stays open
overdue-since = { $count ->
    [one] overdue for 1 day
   *[other] overdue for { $count } days
}
sum = Total
will-settle = { $count ->
    [one] After this payment 1 invoice is settled.
   *[other] After this payment { $count } invoices are settled.
}
stays-open = { $amount } of invoice { $number } stays open, due on { $date }.
untouched = { $count ->
    [one] 1 more invoice stays open in full.
   *[other] { $count } more invoices stay open in full.
}
becomes-credit = { $amount } of it becomes credit on your customer account.
credit-of = Credit { $amount }
again = Allocate again
to-method = Continue to payment method
back = Back
which-method = How would you like to pay?
to-check = Continue to check
please-check = Please check the details.
amount-of = { $amount } of { $open }
change = Change
payee = Payee
pay = Make payment
running = A payment of { $amount } is already under way.
running-see = See its state
error-amount = Enter an amount, for example 1,000.00.
error-none = Select at least one open invoice.
error-too-many = At most 200 invoices can be paid at once. Select fewer.
error-too-large = The amount is too large.
error-changed = What is open has changed meanwhile. Please check the allocation once more.

# What became of a payment.
payment = Payment
invoices = Invoices
to-invoices = To your invoices
transfer-for = We confirm the receipt and allocate it to { $numbers }.
transfer-for-email = We confirm the receipt to { $email } and allocate it to { $numbers }.
allocated-caption = How your payment was allocated
settled = { $count ->
    [one] 1 invoice is settled.
   *[other] { $count } invoices are settled.
}
now-credit = { $amount } is credit on your customer account.
distributing = We are allocating your payment to the invoices; this takes only a moment.
open-amount = { $amount } open
paid-column = Paid

# The link for one invoice.
link-title = Pay invoice { $number }
link-issued-on = Invoice date
link-due-on = Due on
link-open = To pay
link-submit = Pay now
link-settled-title = Invoice { $number } is paid
link-settled = There is nothing left to pay. Thank you.
link-cancelled-title = Invoice { $number } is cancelled
link-cancelled = There is nothing to pay.
link-ended-title = This link no longer works
link-ended = Sign in to see and pay your invoices.
link-ended-submit = Sign in
error-link-changed = The open amount has changed. Please check it once more.
