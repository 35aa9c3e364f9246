# Personal links: what a session of one contract cannot reach, links that ask for the code, documents, and the way back to a shop.
sign-in = Anmelden
to-contract = { $contract ->
    [subscription] Zum Abonnement
   *[contract] Zum Vertrag
}
back-to = Zurück zu { $host }

# A link that only fills the address in.
asks-lead = Sie öffnen das Kundencenter der { $brand } als Kunde { $number }. Wir schicken dafür einen Anmeldecode an die E-Mail-Adresse, die bei uns hinterlegt ist.
asks-submit = Anmeldecode anfordern
asks-document = Sie kommen direkt zu Ihrem Dokument.

# A link that shows one document.
document-lead = Dieser Link zeigt nur dieses Dokument. Er ist persönlich, geben Sie ihn nicht weiter.
