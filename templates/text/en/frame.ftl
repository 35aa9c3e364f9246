# Around every page.
skip = Skip to content
description = { $brand } customer portal
sandbox = Test environment – no real invoices and payments
menu = Menu
menu-close = Close
navigation = Main navigation
customer-number = Customer number
# The other language's own name.
other-language = Deutsch
sign-out = Sign out
footer-unset = Please edit your footer text in the text administration
# Before the title of a page with errors, and hidden before each error.
error-prefix = Error:
errors-title = Please check your input
help = Need help?
phone = Phone
or = or
pdf = PDF
file = File
yes = yes
no = no
# The label of a field that nobody sees.
decoy = Please leave empty
optional = (optional)
