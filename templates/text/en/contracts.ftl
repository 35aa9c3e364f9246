# Contracts; the operator calls them "contract" or "subscription".
number = { $contract ->
    [subscription] Subscription no. { $number }
   *[contract] Contract no. { $number }
}
ended = { $contract ->
    [subscription] Ended subscriptions
   *[contract] Ended contracts
}
ended-period = { $from } to { $until }
none = { $contract ->
    [subscription] No subscriptions yet
   *[contract] No contracts yet
}
none-running = { $contract ->
    [subscription] No subscription is running at the moment.
   *[contract] No contract is running at the moment.
}
none-hint = { $contract ->
    [subscription] As soon as you have taken out a subscription, you will see it here.
   *[contract] As soon as you have concluded a contract, you will see it here.
}
facts = { $contract ->
    [subscription] Subscription details
   *[contract] Contract details
}
concluded-on = Concluded on
starts-on = Starts on
ends-on = Ends on
open-ended = open-ended
minimum-until = Minimum term until
interval = Payment interval
next-amount = Next invoice amount
notice = Notice period
components = Booked services
components-caption = { $contract ->
    [subscription] Booked services in subscription no. { $number }
   *[contract] Booked services in contract no. { $number }
}
components-none = Single services are not listed here.
gross-prices = Prices include VAT
component = Service
quantity = Quantity
unit-price = Unit price
component-interval = Interval
since = since
metered = by usage
per-unit = { $price } per { $unit }
invoices = { $contract ->
    [subscription] Invoices of this subscription
   *[contract] Invoices of this contract
}
invoices-caption = { $contract ->
    [subscription] Invoices of subscription no. { $number }, newest first
   *[contract] Invoices of contract no. { $number }, newest first
}
invoices-none = { $contract ->
    [subscription] There is no invoice for this subscription yet.
   *[contract] There is no invoice for this contract yet.
}
next-amount-on = { $amount } on { $date }
older = { $contract ->
    [subscription] Show older subscriptions
   *[contract] Show older contracts
}
