# What just happened.
saved = Saved.
signed-in = You have signed in.
signed-out = You have signed out.
signed-out-everywhere = You have signed out on all devices.
code-ended = This sign-in code is no longer valid. Please request a new one.
session-ended = The device is signed out.
email-change-requested = We have sent an e-mail to the new address. It counts as soon as you have confirmed it with the link in that e-mail.
email-change-withdrawn = Your address stays as it is. The link in our e-mail no longer works.
email-changed = Your new e-mail address counts now. Use it to sign in from now on.
session-expired = Your session has ended. Please sign in again, and you will continue where you were.
code-sent = If we know your address, a new sign-in code is on its way. The previous one stays valid.
stands-otherwise = This is not possible here at the moment. This is how things stand.
taken-back = The cancellation has been taken back. A confirmation comes by e-mail.
paused = The pause has begun. A confirmation comes by e-mail.
resumed = The pause has ended. A confirmation comes by e-mail.
commented = Your comment has reached us. You will find the answer here.
