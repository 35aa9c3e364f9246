# Cancelling a contract, and taking that back, by whoever is signed in. The operator calls it „Vertrag" or „Abonnement".
title = { $contract ->
    [subscription] Abonnement kündigen
   *[contract] Vertrag kündigen
}
would-end = { $contract ->
    [subscription] Wenn Sie heute kündigen, endet das Abonnement am { $date }.
   *[contract] Wenn Sie heute kündigen, endet der Vertrag am { $date }.
}
may-be-taken-back = Bis dahin können Sie die Kündigung zurücknehmen.
because-notice = So will es die Kündigungsfrist: { $notice }.
because-nothing = { $contract ->
    [subscription] Für dieses Abonnement gilt keine Kündigungsfrist.
   *[contract] Für diesen Vertrag gilt keine Kündigungsfrist.
}
because-term = Dann ist die vereinbarte Laufzeit zu Ende.
because-trial = Dann ist die Testphase zu Ende. Bis dahin ändert sich nichts.
because-trial-now = Sie sind in der Testphase: Deshalb endet alles noch heute.
what-happens = Ihre Kündigung bestätigen wir sofort per E-Mail.
later = Späterer Wunschtermin
later-hint = Leer lassen, wenn es am { $date } enden soll
reason = Grund
reason-hint = Höchstens { $max } Zeichen
submit = jetzt kündigen
keep = { $contract ->
    [subscription] Abonnement behalten
   *[contract] Vertrag behalten
}
reason-too-long = Kürzen Sie den Grund auf höchstens { $max } Zeichen.
earliest-moved = Der früheste Tag ist inzwischen der { $date }. Prüfen Sie ihn, und kündigen Sie dann.
no-end = An diesem Tag kann es nicht enden. Der nächste mögliche Tag ist der { $date }.
day-invalid = Geben Sie einen Tag wie { $date } ein, oder lassen Sie das Feld leer.
done-title = { $contract ->
    [subscription] Ihr Abonnement ist gekündigt
   *[contract] Ihr Vertrag ist gekündigt
}
ends = { $contract ->
    [subscription] Das Abonnement endet am { $date }.
   *[contract] Der Vertrag endet am { $date }.
}
received = Eingegangen
ends-on = Endet am
mailed-to = Die Bestätigung mit PDF geht an { $address }.
not-mailed = Bei uns ist keine E-Mail-Adresse hinterlegt. Laden Sie die Bestätigung bitte hier herunter.
download = Kündigungsbestätigung herunterladen
confirmation = Zur Kündigungsbestätigung
take-back = Kündigung zurücknehmen
take-back-lead = { $contract ->
    [subscription] Das Abonnement endet am { $date }. Nehmen Sie die Kündigung zurück, läuft es weiter wie bisher.
   *[contract] Der Vertrag endet am { $date }. Nehmen Sie die Kündigung zurück, läuft er weiter wie bisher.
}
leave = Bei der Kündigung bleiben
withdraw-until = { $contract ->
    [subscription] Bis zum { $date } können Sie das Abonnement widerrufen.
   *[contract] Bis zum { $date } können Sie den Vertrag widerrufen.
}
