# The main menu, in the order in which it stands, and the links at the foot of every page.
start = Home
data = Your data
data-customer = Customer data
addresses = Billing addresses
payment-methods = Payment methods
data-contact = Contact person
contracts = { $contract ->
    [subscription] Subscriptions
   *[contract] Contracts
}
invoices = Invoices
invoices-all = All invoices
documents = Documents
accounts = Accounts
prepaid = Top up prepaid account
settle = Settle invoices
imprint = Legal notice
privacy = Privacy
accessibility = Accessibility
cancel = Cancel contracts here
withdraw = Withdraw from contract
