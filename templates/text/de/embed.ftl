# The portal in a frame on one of its operator's pages.
hint = Hier sehen Sie alles an. Was Sie ändern oder bezahlen, öffnet sich in einem eigenen Fenster.

# On links and buttons that lead out of the frame.
apart = Öffnet sich in einem eigenen Fenster
own-window = Das geht in einem eigenen Fenster
own-window-text = Was Sie ändern oder bezahlen, öffnet sich aus Sicherheitsgründen in einem eigenen Fenster. Dort melden Sie sich mit einem Anmeldecode an.
own-window-open = In eigenem Fenster öffnen

# A link for a frame, opened in a window.
window-title = Dieser Link gehört auf eine andere Seite
window-text = Er öffnet das Kundencenter nur innerhalb der Seite, für die er gemacht ist. Hier melden Sie sich bitte mit Ihrer E-Mail-Adresse an.

# A frame that was signed out.
closed-title = Das Kundencenter ist hier geschlossen
closed-text = Wenn Sie die Seite neu laden, in der Sie es geöffnet haben, können Sie es wieder öffnen.
