# Mail to an address of the customer came back.
notice = We could not deliver our last e-mail to { $email }. Please check the address.
change = Change address
