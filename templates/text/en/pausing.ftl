# A contract rests, and runs again. The operator calls it "contract" or "subscription".
section = Pausing
pause = { $contract ->
    [subscription] Pause subscription
   *[contract] Pause contract
}
lead = { $contract ->
    [subscription] Nothing is charged while the subscription rests. You can resume it at any time.
   *[contract] Nothing is charged while the contract rests. You can resume it at any time.
}
until = Last day of the pause
until-hint = Leave it empty to resume it yourself. At most one year.
until-invalid = Enter a day from { $first } to { $last }, or leave the field empty.
submit = pause now
back = Do not pause
resume = { $contract ->
    [subscription] Resume subscription
   *[contract] Resume contract
}
rests = { $contract ->
    [subscription] The subscription rests until you resume it.
   *[contract] The contract rests until you resume it.
}
rests-until = { $contract ->
    [subscription] The subscription rests until { $date } and then runs on by itself.
   *[contract] The contract rests until { $date } and then runs on by itself.
}
