# Periods, forms of address and other small words of figures.
days = { $count ->
    [one] 1 Tag
   *[other] { $count } Tage
}
weeks = { $count ->
    [one] 1 Woche
   *[other] { $count } Wochen
}
months = { $count ->
    [one] 1 Monat
   *[other] { $count } Monate
}
years = { $count ->
    [one] 1 Jahr
   *[other] { $count } Jahre
}
per-day = je Tag
per-week = je Woche
per-month = je Monat
per-quarter = je Quartal
per-half-year = je Halbjahr
per-year = je Jahr
every = alle { $period }
notice-any-day = { $period }, zu jedem Tag
notice-month-end = { $period } zum Monatsende
notice-term-end = { $period } zum Ende der Laufzeit
salutation-ms = Frau
salutation-mr = Herr
region-domestic = Inland
region-european-union = EU-Ausland
region-third-country = Drittland
