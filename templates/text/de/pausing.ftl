# A contract rests, and runs again. The operator calls it „Vertrag" or „Abonnement".
section = Pausieren
pause = { $contract ->
    [subscription] Abonnement pausieren
   *[contract] Vertrag pausieren
}
lead = { $contract ->
    [subscription] Solange das Abonnement ruht, wird dafür nichts berechnet. Sie können es jederzeit fortsetzen.
   *[contract] Solange der Vertrag ruht, wird dafür nichts berechnet. Sie können ihn jederzeit fortsetzen.
}
until = Letzter Tag der Pause
until-hint = Leer lassen, wenn Sie selbst fortsetzen möchten. Höchstens ein Jahr.
until-invalid = Geben Sie einen Tag vom { $first } bis zum { $last } ein, oder lassen Sie das Feld leer.
submit = jetzt pausieren
back = Nicht pausieren
resume = { $contract ->
    [subscription] Abonnement fortsetzen
   *[contract] Vertrag fortsetzen
}
rests = { $contract ->
    [subscription] Das Abonnement ruht, bis Sie es fortsetzen.
   *[contract] Der Vertrag ruht, bis Sie ihn fortsetzen.
}
rests-until = { $contract ->
    [subscription] Das Abonnement ruht bis zum { $date } und läuft danach von selbst weiter.
   *[contract] Der Vertrag ruht bis zum { $date } und läuft danach von selbst weiter.
}
