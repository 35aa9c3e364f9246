# Fixed words of an invoice's and a contract's state: the word, and the date or amount beside it.
open = Offen
partly-paid = Teilweise bezahlt
overdue = Überfällig
paid = Bezahlt
credited = Gutgeschrieben
nothing = Nichts zu zahlen
cancelled = Storniert
due = fällig am { $date }
open-due = { $amount } offen, fällig am { $date }
since-days = { $count ->
    [one] seit 1 Tag
   *[other] seit { $count } Tagen
}
on = am { $date }

trial = Testphase
active = Aktiv
paused = Pausiert
terminated = Gekündigt
ended = Beendet
until = bis { $date }
since = seit { $date }
ends = endet am { $date }
next-invoice = nächste Rechnung am { $date }
withdrawn = widerrufen am { $date }
expired = ausgelaufen am { $date }
ended-on = am { $date }
was-withdrawn = widerrufen
has-expired = ausgelaufen
