# Asking to be erased.
link = Ask for your data to be erased
title = Erasing your data
lead = You can ask us to erase your data. Our team looks at it and gets in touch with you.
asked = You asked for the erasure on { $moment }.
asked-hint = Our team knows and gets in touch with you. Nothing changes until then.
means = What it means
means-gone = Customer data, addresses, payment methods, e-mails and history are erased. You can no longer sign in then.
means-kept = We must keep invoices and credit notes for { $years } years, counted from the end of the year in which they were made (§ 147 of the German Fiscal Code). After that they are erased, too.
means-before = Before that, contracts must have ended, invoices must be paid and balances paid out.
means-final = An erasure cannot be undone.
export-first = Take your data with you first
submit = Ask for erasure
