# The portal in a frame on one of its operator's pages.
hint = Here you can look at everything. What you change or pay opens in a window of its own.

# On links and buttons that lead out of the frame.
apart = Opens in a window of its own
own-window = This needs a window of its own
own-window-text = For your security, what you change or pay opens in a window of its own. You sign in there with a sign-in code.
own-window-open = Open in its own window

# A link for a frame, opened in a window.
window-title = This link belongs on another page
window-text = It opens the customer portal only inside the page it was made for. Please sign in here with your e-mail address.

# A frame that was signed out.
closed-title = The customer portal is closed here
closed-text = Reload the page you opened it in to open it again.
