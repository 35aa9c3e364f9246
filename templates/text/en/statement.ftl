# An account between two days.
title = Statement of account
show = Show statement
period = Period
days-of = { $from } to { $to }
opening = Opening balance
closing = Closing balance
nothing = Nothing was booked in this period.
caption = Entries on account { $account } from { $from } to { $to }, oldest first
more = These are the first { $shown } of { $count } entries. All of them are in the PDF and in the CSV file.
days = Enter two days. The first one must not be after the second.
too-many = There are more than { $most } entries in this period. Please choose a shorter one.
too-long = This account has more entries than we can put together here. Please contact us.
csv-name = Statement-{ $account }-{ $from }-to-{ $to }
file = Statement-{ $account }-{ $from }-to-{ $to }.pdf
signs = Amounts without a minus are to be paid. With a minus they are payments, credit notes or your credit.
