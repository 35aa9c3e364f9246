# Fixed words of an invoice's and a contract's state: the word, and the date or amount beside it.
open = Open
partly-paid = Partly paid
overdue = Overdue
paid = Paid
credited = Credited
nothing = Nothing to pay
cancelled = Cancelled
due = due on { $date }
open-due = { $amount } open, due on { $date }
since-days = { $count ->
    [one] for 1 day
   *[other] for { $count } days
}
on = on { $date }

trial = Trial
active = Active
paused = Paused
terminated = Cancelled
ended = Ended
until = until { $date }
since = since { $date }
ends = ends on { $date }
next-invoice = next invoice on { $date }
withdrawn = withdrawn on { $date }
expired = expired on { $date }
ended-on = on { $date }
was-withdrawn = withdrawn
has-expired = expired
