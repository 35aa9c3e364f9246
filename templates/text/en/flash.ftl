# What just happened.
saved = Saved.
signed-in = You have signed in.
signed-out = You have signed out.
signed-out-everywhere = You have signed out on all devices.
code-ended = This sign-in code is no longer valid. Please request a new one.
session-expired = Your session has ended. Please sign in again, and you will continue where you were.
code-sent = If we know your address, a new sign-in code is on its way. The previous one stays valid.
stands-otherwise = This has changed in the meantime. Here is how things stand now.
