# Cancelling a contract, and taking that back, by whoever is signed in. The operator calls it "contract" or "subscription".
title = { $contract ->
    [subscription] Cancel subscription
   *[contract] Cancel contract
}
would-end = { $contract ->
    [subscription] If you cancel today, the subscription ends on { $date }.
   *[contract] If you cancel today, the contract ends on { $date }.
}
may-be-taken-back = { $contract ->
    [subscription] The subscription ends on { $date }; until then you can take the cancellation back.
   *[contract] The contract ends on { $date }; until then you can take the cancellation back.
}
because-notice = This follows from the notice period: { $notice }.
because-nothing = { $contract ->
    [subscription] This subscription has no notice period.
   *[contract] This contract has no notice period.
}
because-term = The agreed term is over then.
because-trial = The trial is over then. Until then nothing changes.
because-trial-now = You are in the trial, so there is no notice period.
what-happens = We send the confirmation with a PDF at once to { $address }.
what-happens-here = You can download the confirmation here afterwards.
rests = { $contract ->
    [subscription] The subscription is paused at the moment. Cancelling does not change that.
   *[contract] The contract is paused at the moment. Cancelling does not change that.
}
later = A later day, if you wish
later-hint = Leave it empty for { $date }
reason = Reason
reason-hint = At most { $max } characters
submit = cancel now
keep = { $contract ->
    [subscription] Keep subscription
   *[contract] Keep contract
}
reason-too-long = Shorten the reason to at most { $max } characters.
earliest-moved = The earliest day is { $date } by now. Check it, and then cancel.
no-end = { $contract ->
    [subscription] The subscription cannot end on that day. The next possible day is { $date }.
   *[contract] The contract cannot end on that day. The next possible day is { $date }.
}
too-far = Nobody can cancel that far ahead. The last possible day is { $date }.
day-invalid = Enter a day such as { $date }, or leave the field empty.
done-title = { $contract ->
    [subscription] Your subscription is cancelled
   *[contract] Your contract is cancelled
}
ends = { $contract ->
    [subscription] The subscription ends on { $date }.
   *[contract] The contract ends on { $date }.
}
ended = { $contract ->
    [subscription] The subscription ended on { $date }.
   *[contract] The contract ended on { $date }.
}
received = Received
ends-on = Ends on
mailed = The confirmation with a PDF comes by e-mail.
not-mailed = We have no e-mail address of yours. Please download the confirmation here.
download = Download confirmation of cancellation
confirmation = Confirmation of cancellation
take-back = Take cancellation back
take-back-lead = { $contract ->
    [subscription] The subscription ends on { $date }. If you take the cancellation back, it no longer counts, and the subscription goes on.
   *[contract] The contract ends on { $date }. If you take the cancellation back, it no longer counts, and the contract goes on.
}
take-back-rests = { $contract ->
    [subscription] The subscription is paused and stays so until you resume it or the pause ends.
   *[contract] The contract is paused and stays so until you resume it or the pause ends.
}
leave = Keep the cancellation
withdraw-until = { $contract ->
    [subscription] Until { $date } you can withdraw from the subscription.
   *[contract] Until { $date } you can withdraw from the contract.
}
