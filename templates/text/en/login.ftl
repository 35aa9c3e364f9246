# Signing in: address, code, choice between customers, personal links, sessions.
title = Sign in
lead = We will send you a sign-in code by e-mail. You do not need a password.
email = E-mail address
email-hint = The address you have given us
request = Request sign-in code
signup = Not a customer yet?
signup-link = Become a customer
news = News
# Errors of the address.
email-missing = Enter your e-mail address.
email-invalid = Enter an e-mail address such as name@example.org.
email-unknown = We do not know this e-mail address. Please use the one you have given us.
too-many = That was too many attempts. Please wait an hour, or contact us.

code-title = Enter sign-in code
code-sent = If we know { $email }, we have sent a { $digits }-digit sign-in code there. It is valid for { $minutes }{ "\u00A0" }minutes.
code = Sign-in code
code-hint = { $digits } digits, spaces are allowed
code-submit = Sign in
code-none = No code received?
code-resend-from = Please look into your spam folder too. You can request a new code from { $time }; the first one stays valid.
code-resend = Send new sign-in code
# Said by the script while the minute runs.
code-resend-wait = New sign-in code in { $seconds } s
code-other-address = Use another e-mail address
# Errors of the code.
code-missing = Enter the sign-in code from our e-mail.
code-shape = The sign-in code has { $digits } digits.
code-wrong = { $tries ->
    [one] The sign-in code is wrong. You have 1 attempt left.
   *[other] The sign-in code is wrong. You have { $tries } attempts left.
}
code-ended = This sign-in code is no longer valid. Please request a new one.
code-too-soon = You can request a new sign-in code from { $time }.

choose-title = Choose customer
choose-lead = Several customers share { $email }. Which one do you want to sign in as?
choose-legend = Customers, newest first
choose-number = Customer number { $number }
choose-submit = Sign in
choose-missing = Choose a customer.

link-title = Open customer portal
link-lead = You are opening the customer portal of { $brand } as customer { $number }.
link-contract = { $contract ->
    [subscription] It takes you straight to subscription no. { $number }.
   *[contract] It takes you straight to contract no. { $number }.
}
link-hint = This link is personal. Do not pass it on.
link-submit = Open customer portal
link-ended-title = This link is no longer valid
link-ended-expired = Personal links work for a limited time only, and this time is over. Please sign in with your e-mail address.
link-ended-revoked = This link was withdrawn. Please sign in with your e-mail address.
link-ended-submit = Go to sign-in

sessions-title = Sign-ins
sessions-lead = You are signed in here at the moment. If you do not recognise a sign-in, end it, or sign out everywhere.
sessions-this = This device
sessions-other = Another device
sessions-since = signed in since { $since }
sessions-device = { $browser } on { $system }
sessions-end-one = Sign out
sessions-end = Sign out everywhere
sessions-end-hint = After that you will need a new sign-in code on every device.
