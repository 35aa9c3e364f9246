# Ways to pay and what belongs to them: paying invoices and topping up say it in the same words.
method = Payment method
method-sandbox = Test payment
method-card = Card
method-paypal = PayPal
method-online = online banking
method-online-label = Pay by online banking
method-debit = SEPA direct debit
method-transfer = Bank transfer
method-balance = Balance
method-balance-of = Prepaid account { $account }
hint-sandbox = No money moves; after the test page you come back here
hint-debit = collected from your bank account
hint-transfer = with a GiroCode for your banking app
hint-balance = Balance { $amount }
hint-kept = saved here
at-once = booked at once
in-minutes = usually booked within minutes
in-days = 1 to 2 banking days
after-days = after some banking days
now-with = You are paying { $amount } now by { $method }
now-by-transfer = You are paying { $amount } by bank transfer
now-from-balance = You are paying { $amount } now from prepaid account { $account }
then-provider = In the next step you open the page for { $method }.
then-page = In the next step you open the page of our payment provider.
then-transfer = In the next step you see where to transfer to.
then-balance = The amount is taken from your balance at once.
then-kept = The amount is collected at once; you stay on this page.
once = Even if you double-click you pay only once.
error-method = Choose one of the payment methods on offer.
error-balance = The balance is too low. Choose another payment method or a smaller amount.
error-running = A payment for this account is already under way. Wait a moment and then try again.
no-method = Payments are not possible here at the moment.
for-top-up = Top-up of account { $account }
for-many = { $count ->
    [one] 1 invoice
   *[other] { $count } invoices
}
for-invoices = { $count ->
    [one] Invoice { $numbers }
   *[other] Invoices { $numbers }
}

# A transfer.
transfer = Transfer
transfer-title = Please transfer { $amount }
transfer-lead = Scan the GiroCode with your banking app, or enter the details exactly as they are, so that we can match your payment at once.
transfer-lead-plain = Enter the details exactly as they are, so that we can match your payment at once.
transfer-next = What happens next?
transfer-days = The money usually arrives after 1 to 2 banking days.
transfer-other = If you transfer another amount, we book it as it arrives.
holder = Account holder
iban = IBAN
bic = BIC
bank = Bank
amount = Amount
reference = Reference
giro-code = GiroCode
giro-code-alt = GiroCode with payee, IBAN, amount and reference of this transfer
no-giro-code = There is no GiroCode in the test environment: it would move real money.
copy = Copy
copied = Copied

# A payment's page.
number = Payment number
started = Started
booked = Booked on
confirmation-to = Confirmation to
go-title = Continue to your payment
go-lead = You pay on the page for { $method } and come back here afterwards.
go-lead-page = You pay on the page of our payment provider and come back here afterwards.
go = Go to the payment page
waiting-title = Your payment is being confirmed
waiting = We are waiting for the confirmation. It usually takes less than a minute. You do not need to pay again.
waiting-kept = Our payment provider has your payment and has not decided on it yet. You do not need to pay again.
waiting-debit = Your direct debit is with the bank. That takes a few working days. You do not need to pay again.
waiting-provider = The payment page does not answer at the moment. Reload in a minute; this does not pay anything.
waiting-email = As soon as the money is there we send a confirmation to { $email }. You can close this page.
waiting-close = You can close this page.
back-title = You are back
back = Your link shows how it stands: open it once more, where you received it. You can close this page.
reload = Reload
paid-title = Thank you, your payment has arrived
receipt = Download receipt
receipt-of = (PDF) for payment { $number }
paid-less = We asked for { $asked }, and { $received } arrived.
paid-more = We asked for { $asked }, and { $received } arrived; what arrived is booked.
paid-reversed = { $amount } of it was charged back.
failed-title = The payment was declined
failed = Nothing was charged. Please try again, also with another payment method.
cancelled-title = You cancelled the payment
cancelled = Nothing was charged.
expired-title = The time for this payment is over
expired = Nothing was charged.
expired-transfer = No money has arrived so far. If you have already transferred it, we book it as soon as it is there.
late = If the money does arrive, we book it and let you know.
retry = Try again
