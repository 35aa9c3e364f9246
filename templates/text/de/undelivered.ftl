# Mail to an address of the customer came back.
notice = An { $email } konnten wir zuletzt keine E-Mail zustellen. Bitte prüfen Sie die Adresse.
change = Adresse ändern
