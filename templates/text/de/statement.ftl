# „Kontoauszug": an account between two days.
title = Kontoauszug
show = Kontoauszug anzeigen
period = Zeitraum
days-of = { $from } bis { $to }
opening = Anfangssaldo
closing = Endsaldo
nothing = In diesem Zeitraum wurde nichts gebucht.
caption = Buchungen auf Konto { $account } vom { $from } bis { $to }, älteste zuerst
more = Hier stehen die ersten { $shown } von { $count } Buchungen. Alle finden Sie im PDF und in der CSV-Datei.
days = Geben Sie zwei Tage ein. Der erste darf nicht nach dem zweiten liegen.
too-many = In diesem Zeitraum gibt es mehr als { $most } Buchungen. Wählen Sie bitte einen kürzeren.
too-long = Dieses Konto hat mehr Buchungen, als wir hier zusammenstellen können. Melden Sie sich bitte bei uns.
csv-name = Kontoauszug-{ $account }-{ $from }-bis-{ $to }
file = Kontoauszug-{ $account }-{ $from }-bis-{ $to }.pdf
signs = Beträge ohne Minus sind zu zahlen. Mit Minus sind es Zahlungen, Gutschriften oder Ihr Guthaben.
