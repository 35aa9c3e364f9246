# Asking to be erased.
link = Löschung Ihrer Daten verlangen
title = Löschung Ihrer Daten
lead = Sie können verlangen, dass wir Ihre Daten löschen. Unser Team prüft das und meldet sich bei Ihnen.
asked = Sie haben die Löschung am { $moment } verlangt.
asked-hint = Unser Team weiß davon und meldet sich bei Ihnen. Bis dahin ändert sich nichts.
means = Das bedeutet es
means-gone = Kundendaten, Adressen, Zahlungsmethoden, E-Mails und Verlauf werden gelöscht. Sie können sich dann nicht mehr anmelden.
means-kept = Rechnungen und Gutschriften müssen wir { $years } Jahre lang aufbewahren, gerechnet ab dem Ende des Jahres, in dem sie entstanden sind (§ 147 Abgabenordnung). Danach werden auch sie gelöscht.
means-before = Zuvor müssen Verträge beendet, Rechnungen bezahlt und Guthaben ausgezahlt sein.
means-final = Eine Löschung lässt sich nicht rückgängig machen.
export-first = Nehmen Sie Ihre Daten vorher mit
submit = Löschung verlangen
