# Ways to pay that the customer keeps here.
title = Payment methods
lead = { $merchant } charges what stands here only for invoices and top-ups that you pay or have agreed to.
lead-default = The default payment method is used for all future contracts and invoices.
ends-in = { $name } ending in { $digits }
paypal-of = PayPal account { $email }
test = Test payment, { $behaviour }
test-pays = pays at once
test-declines = is declined
test-waits = waits for a decision
add = Add payment method
none = No payment method yet
none-hint = Save a payment method and pay with one click from then on.
none-offered = No payment method can be saved here at the moment.
default = Default
make-default = Use as default
clear-default = No longer use as default
remove = Remove
valid-until = valid until { $month }
expired = expired in { $month }
ended = no longer valid
mandate-reference = Mandate reference { $reference }
mandate = SEPA mandate
added = saved on { $date }
used-by = { $contract ->
    [subscription] for subscription { $numbers }
   *[contract] for contract { $numbers }
}
which = Which payment method do you want to save?
hint-card = You enter the card on the page of our payment provider.
hint-paypal = You agree at PayPal.
hint-debit = You give the SEPA mandate on the page of our payment provider.
hint-sandbox = No money moves; you decide on the test page what happens.
wishes = What is it for?
as-default = Use for future contracts and invoices (default)
as-default-always = It becomes your default payment method for future contracts and invoices.
collected = Open invoices are also charged with it when they fall due.
for-contracts = { $contract ->
    [subscription] Also use for my existing subscriptions
   *[contract] Also use for my existing contracts
}
for-failed = Open invoices whose last payment failed are paid with it at once.
for-failed-wish = Pay open invoices whose last payment failed with it now
go-on = Continue
back = Back to the payment methods
error-method = Choose one of the payment methods on offer.
error-too-many = You have saved { $most } payment methods already. Remove one first.
go-title = Continue to the payment provider
go-lead = You save your payment method on the page of our payment provider and come back here afterwards.
go = Go to the payment provider's page
waiting-title = Your payment method is being confirmed
waiting = We are waiting for the payment provider's confirmation. It usually takes only a moment.
saved-title = Your payment method is saved
saved-default = It is used for future contracts and invoices from now on.
saved-plain = You can pay with it now.
saved-contracts = { $contract ->
    [subscription] Your running subscriptions use it as well.
   *[contract] Your running contracts use it as well.
}
saved-failed = Open invoices whose last payment failed are being paid with it now.
saved-close = You can close this page.
failed-title = The payment method was not saved
failed = You turned back, or the payment provider refused. Nothing was charged.
ended-title = This payment method is no longer valid
ended-lead = It was removed, or the bank ended it. Nothing is charged with it any more.
retry = Try again
remove-title = Remove payment method
remove-lead = { $name } is deleted at the payment provider as well.
remove-used = It is still in use. Choose what takes its place.
remove-used-for = It is still in use: { $uses }. Choose what takes its place.
remove-default = as default payment method
replacement = Replacement
replacement-none = First save another payment method that takes its place. To keep none at all, choose the default payment method for your contracts and then no longer use this one as the default.
replacement-uses = In use: { $uses }.
error-replacement = Choose a payment method that takes its place.
remove-now = Remove payment method
contract = Payment method
contract-title = { $contract ->
    [subscription] Payment method for subscription no. { $number }
   *[contract] Payment method for contract no. { $number }
}
contract-default = Default payment method
contract-default-of = Default payment method ({ $name })
contract-none = none saved
contract-change = Change
contract-save = Save
contract-lead = { $contract ->
    [subscription] Future invoices of this subscription are paid with it.
   *[contract] Future invoices of this contract are paid with it.
}
link-lead = Customer number { $customer }
