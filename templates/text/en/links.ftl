# Personal links: what a session of one contract cannot reach, links that ask for the code, documents, and the way back to a shop.
sign-in = Sign in
to-contract = { $contract ->
    [subscription] To the subscription
   *[contract] To the contract
}
back-to = Back to { $host }

# A link that only fills the address in.
asks-lead = You are opening the customer portal of { $brand } as customer { $number }. For that we send a sign-in code to the e-mail address we have on file.
asks-submit = Request sign-in code
asks-document = It takes you straight to your document.

# A link that shows one document.
document-lead = This link shows this document only. It is personal, please do not pass it on.
