# „Verträge hier kündigen" and „Vertrag widerrufen": the pages for everybody, and what confirms them. The words of links and
# buttons are the law's (§§ 312k, 356a BGB).
cancel-title = Cancel a contract
cancel-lead = Cancel a contract with { $brand } here. You need not sign in. You get the confirmation at once.
cancel-submit = cancel now
withdraw-title = Withdraw from contract
withdraw-lead = Withdraw from a contract with { $brand } here. You need not sign in. You get the confirmation at once.
withdraw-submit = confirm withdrawal
# Fields; the confirmation has the same labels.
termination = Kind of cancellation
ordinary = Ordinary cancellation
ordinary-hint = Within the agreed notice period
extraordinary = Extraordinary cancellation
extraordinary-hint = For an important reason
reason = Reason for cancelling
reason-hint = Needed for an extraordinary cancellation only
name = First and last name
identity = E-mail address or customer number
identity-hint = This is how we know you
contract = Contract
contract-hint = Contract number or name
ends-on = The contract shall end on
ends-on-hint = Leave empty if it shall end as early as possible
earliest = as early as possible
email = E-mail address for the confirmation
# Errors.
termination-missing = Choose the kind of cancellation.
reason-missing = Give the reason for the extraordinary cancellation.
name-missing = Enter your name.
identity-missing = Enter your e-mail address or your customer number.
contract-missing = Say which contract you mean.
ends-on-invalid = Enter a day such as 31.12.2026, or leave the field empty.
email-missing = Enter an e-mail address for the confirmation.
email-invalid = Enter an e-mail address such as name@example.org.
too-long = Shorten “{ $field }” to at most { $max } characters.
too-many = Very many declarations have come from your connection in the last hour. What you entered is still here: please send it again in an hour, or write to us.
decoy = A field that cannot be seen was filled in, perhaps by your browser. What you entered is still here: please send it once more.
# What came of it.
cancelled-title = We have received your cancellation
withdrawn-title = We have received your withdrawal
received = Received on { $date } at { $time }
mailed = We are sending a confirmation with this content to { $email }.
not-mailed = Many confirmations have gone to { $email } today already. Please download this one here.
next = We will check your declaration and get back to you.
content = What you declared
download = Download the confirmation as PDF
shown-until = You can open this page until { $date }. Do not pass its address on.
cancelled-file = Cancellation-confirmation-{ $date }.pdf
withdrawn-file = Withdrawal-confirmation-{ $date }.pdf
