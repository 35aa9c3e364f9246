# Periods, forms of address and other small words of figures.
days = { $count ->
    [one] 1 day
   *[other] { $count } days
}
weeks = { $count ->
    [one] 1 week
   *[other] { $count } weeks
}
months = { $count ->
    [one] 1 month
   *[other] { $count } months
}
years = { $count ->
    [one] 1 year
   *[other] { $count } years
}
per-day = per day
per-week = per week
per-month = per month
per-quarter = per quarter
per-half-year = per half-year
per-year = per year
every = every { $period }
notice-any-day = { $period }, to any day
notice-month-end = { $period } to the end of a month
notice-term-end = { $period } to the end of the term
salutation-ms = Ms
salutation-mr = Mr
region-domestic = Domestic
region-european-union = European Union
region-third-country = Third country
