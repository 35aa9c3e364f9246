# Cancelling a contract, and taking that back, by whoever is signed in. The operator calls it „Vertrag" or „Abonnement".
title = { $contract ->
    [subscription] Abonnement kündigen
   *[contract] Vertrag kündigen
}
would-end = { $contract ->
    [subscription] Wenn Sie heute kündigen, endet das Abonnement am { $date }.
   *[contract] Wenn Sie heute kündigen, endet der Vertrag am { $date }.
}
may-be-taken-back = { $contract ->
    [subscription] Das Abonnement endet am { $date }; bis dahin können Sie die Kündigung zurücknehmen.
   *[contract] Der Vertrag endet am { $date }; bis dahin können Sie die Kündigung zurücknehmen.
}
because-notice = Das ergibt sich aus der Kündigungsfrist: { $notice }.
because-nothing = { $contract ->
    [subscription] Für dieses Abonnement gilt keine Kündigungsfrist.
   *[contract] Für diesen Vertrag gilt keine Kündigungsfrist.
}
because-term = Dann ist die vereinbarte Laufzeit zu Ende.
because-trial = Dann ist die Testphase zu Ende. Bis dahin ändert sich nichts.
because-trial-now = Sie sind in der Testphase. Deshalb gilt keine Kündigungsfrist.
what-happens = Die Bestätigung mit PDF schicken wir sofort an { $address }.
what-happens-here = Die Bestätigung können Sie danach hier herunterladen.
rests = { $contract ->
    [subscription] Das Abonnement ruht zurzeit. Daran ändert die Kündigung nichts.
   *[contract] Der Vertrag ruht zurzeit. Daran ändert die Kündigung nichts.
}
later = Späterer Wunschtermin
later-hint = Leer lassen, wenn der { $date } gelten soll
reason = Grund
reason-hint = Höchstens { $max } Zeichen
submit = jetzt kündigen
keep = { $contract ->
    [subscription] Abonnement behalten
   *[contract] Vertrag behalten
}
reason-too-long = Kürzen Sie den Grund auf höchstens { $max } Zeichen.
earliest-moved = Der früheste Tag ist inzwischen der { $date }. Prüfen Sie ihn, und kündigen Sie dann.
no-end = { $contract ->
    [subscription] An diesem Tag kann das Abonnement nicht enden. Der nächste mögliche Tag ist der { $date }.
   *[contract] An diesem Tag kann der Vertrag nicht enden. Der nächste mögliche Tag ist der { $date }.
}
too-far = So weit im Voraus ist keine Kündigung möglich. Der letzte mögliche Tag ist der { $date }.
day-invalid = Geben Sie einen Tag wie { $date } ein, oder lassen Sie das Feld leer.
done-title = { $contract ->
    [subscription] Ihr Abonnement ist gekündigt
   *[contract] Ihr Vertrag ist gekündigt
}
ends = { $contract ->
    [subscription] Das Abonnement endet am { $date }.
   *[contract] Der Vertrag endet am { $date }.
}
ended = { $contract ->
    [subscription] Das Abonnement endete am { $date }.
   *[contract] Der Vertrag endete am { $date }.
}
received = Eingegangen
ends-on = Endet am
mailed = Die Bestätigung mit PDF kommt per E-Mail.
not-mailed = Bei uns ist keine E-Mail-Adresse hinterlegt. Laden Sie die Bestätigung bitte hier herunter.
download = Kündigungsbestätigung herunterladen
confirmation = Zur Kündigungsbestätigung
take-back = Kündigung zurücknehmen
take-back-lead = { $contract ->
    [subscription] Das Abonnement endet am { $date }. Nehmen Sie die Kündigung zurück, gilt sie nicht mehr, und das Abonnement besteht weiter.
   *[contract] Der Vertrag endet am { $date }. Nehmen Sie die Kündigung zurück, gilt sie nicht mehr, und der Vertrag besteht weiter.
}
take-back-rests = { $contract ->
    [subscription] Das Abonnement ruht zurzeit und ruht auch danach, bis Sie es fortsetzen oder die Pause endet.
   *[contract] Der Vertrag ruht zurzeit und ruht auch danach, bis Sie ihn fortsetzen oder die Pause endet.
}
leave = Bei der Kündigung bleiben
withdraw-until = { $contract ->
    [subscription] Bis zum { $date } können Sie das Abonnement widerrufen.
   *[contract] Bis zum { $date } können Sie den Vertrag widerrufen.
}
