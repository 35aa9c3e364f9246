# Cancelling a contract, and taking that back, by whoever is signed in. The operator calls it "contract" or "subscription".
title = { $contract ->
    [subscription] Cancel subscription
   *[contract] Cancel contract
}
would-end = { $contract ->
    [subscription] If you cancel today, the subscription ends on { $date }.
   *[contract] If you cancel today, the contract ends on { $date }.
}
may-be-taken-back = Until then you can take the cancellation back.
because-notice = The notice period says so: { $notice }.
because-nothing = { $contract ->
    [subscription] This subscription has no notice period.
   *[contract] This contract has no notice period.
}
because-term = The agreed term is over then.
because-trial = The trial is over then. Until then nothing changes.
because-trial-now = You are in the trial, so it ends today.
what-happens = We confirm your cancellation at once by e-mail.
later = A later day, if you wish
later-hint = Leave it empty to end on { $date }
reason = Reason
reason-hint = At most { $max } characters
submit = cancel now
keep = { $contract ->
    [subscription] Keep subscription
   *[contract] Keep contract
}
reason-too-long = Shorten the reason to at most { $max } characters.
earliest-moved = The earliest day is { $date } by now. Check it, and then cancel.
no-end = It cannot end on that day. The next possible day is { $date }.
day-invalid = Enter a day such as { $date }, or leave the field empty.
done-title = { $contract ->
    [subscription] Your subscription is cancelled
   *[contract] Your contract is cancelled
}
ends = { $contract ->
    [subscription] The subscription ends on { $date }.
   *[contract] The contract ends on { $date }.
}
received = Received
ends-on = Ends on
mailed-to = The confirmation with a PDF goes to { $address }.
not-mailed = We have no e-mail address of yours. Please download the confirmation here.
download = Download confirmation of cancellation
confirmation = Confirmation of cancellation
take-back = Take cancellation back
take-back-lead = { $contract ->
    [subscription] The subscription ends on { $date }. If you take the cancellation back, it runs on as before.
   *[contract] The contract ends on { $date }. If you take the cancellation back, it runs on as before.
}
leave = Keep the cancellation
withdraw-until = { $contract ->
    [subscription] Until { $date } you can withdraw from the subscription.
   *[contract] Until { $date } you can withdraw from the contract.
}
