# Another login address: asking for it, confirming it, and what became of it.
title = Change e-mail address
present = You currently sign in with { $email }.
present-none = We do not have an address for you to sign in with yet.
new = New e-mail address
new-hint = A new address counts as soon as you have confirmed it with the link in our e-mail to it.
sessions = Confirming ends all other sign-ins, this one stays. Earlier links for signing in no longer work. The previous address is told about it.
submit = Request confirmation
# What waits.
pending = Waiting for confirmation: { $email }
pending-until = The link in our e-mail works until { $moment }. Please look in your spam folder, too.
withdraw = Withdraw the change
# Errors.
missing = Enter the new e-mail address.
same = You sign in with this address already. Enter another one.
bounced = We cannot deliver anything to this address. Please enter another one.
too-many = Many confirmation e-mails have been sent today already. Please try again tomorrow, or contact us.
# What the link in the mail shows.
confirm-title = Confirm new e-mail address
confirm-lead = From now on you sign in to { $brand } with this address: { $email }
confirm-sessions = All devices are signed out, except the one on which you requested the change. The previous address is told about it.
confirm-submit = Confirm address
confirm-hint = You did not request this? Then close this page, and nothing changes.
ended = Such a link works for { $hours } hours, and only the newest one. If you have confirmed your new address already, that counts. Otherwise please request a new link.
ended-overtaken = Your address was changed in another way meanwhile, and stays like that. If you want a different one, please request a new link.
ended-submit = Go to your e-mail address
