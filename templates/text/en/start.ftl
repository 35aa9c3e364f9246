# Start page.
title = Home
greeting = Welcome, { $name }!
customer-number = Your customer number: { $number }
open-amount = Amount due
open-from = { $count ->
    [one] from 1 invoice
   *[other] from { $count } invoices
}
open-overdue = { $amount } of it overdue
open-none = Everything is paid.
see-open = View open invoices
pay-now = Pay now
todo = To do
todo-more = { $count ->
    [one] 1 more open invoice
   *[other] { $count } more open invoices
}
todo-pay = Pay invoice { $number }
contracts-all = { $contract ->
    [subscription] All subscriptions
   *[contract] All contracts
}
contracts-none = { $contract ->
    [subscription] No subscription yet
   *[contract] No contract yet
}
last-invoices = Latest invoices
invoices-none = No invoice yet
issued = of { $date }
news = News
