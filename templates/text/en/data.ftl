# Customer data (M-11 … M-15), contact person, legal pages.
title = Your data
read-only = Here you see the customer data we hold. To have it changed, please contact us.
general = General
customer-number = Customer number
salutation = Salutation
company = Company
first-name = First name
last-name = Last name
phone1 = Phone 1
phone2 = Phone 2
mobile = Mobile
login-email = E-mail (sign-in)
billing-address = Billing address
line1 = Address 1
line2 = Address 2
line3 = Address 3
postal-code = Postal code
city = Town
state = State
country = Country
invoice-email = E-mail for invoices
billing = Billing
tax-region = Tax region
tax-number = Tax number
vat-id = EU VAT ID
payment-type = Payment type

contact-title = Contact person
contact-personal = Your personal contact
contact-write = Write an e-mail
contact-none = You have no personal contact yet
contact-none-hint = You can still reach us:

legal-empty = This text will follow
legal-empty-hint = The operator of this customer portal has not provided it yet.
to-start = Go to the home page
