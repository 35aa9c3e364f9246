"""Old books as a company would hand them over: customers as CSV, invoices as a spreadsheet, and a map for its columns.

Some lines are wrong on purpose, each in a way that somebody would meet, so that what is refused can be compared with what should be.
"""

import csv
import os
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from openpyxl import Workbook

# All of it, as somebody who moves would have it; `SCALE=10` makes a tenth.
SCALE = int(os.environ.get("SCALE", "1"))
CUSTOMERS = 5_000 // SCALE
INVOICES = 60_000 // SCALE

# Every so manyth line is wrong.
WRONG_CUSTOMER_EACH = 100
UNKNOWN_CUSTOMER_EACH = 1_500
WRONG_SUM_EACH = 2_000
# And every so manyth invoice has a second row.
SECOND_ROW_EACH = 4

FIRST_DAY = date(2021, 1, 4)
# Invoices are spread over so many days.
DAYS = 1_800

MAP = """
date = "%d.%m.%Y"

[columns]
"Rechnung" = "number"
"Kunde"    = "customer"
"Datum"    = { to = "issued_on", as = "date" }
"Fällig"   = { to = "due_on", as = "date" }
"Leistung" = { to = "delivered_on", as = "date" }
"Name"     = "buyer.company"
"Text"     = "lines[].description"
"Preis"    = [{ to = "lines[].unit_price", as = "decimal" }, { to = "lines[].net.amount", as = "decimal" }]
"Netto"    = [{ to = "net.amount", as = "decimal" }, { to = "taxes[0].net.amount", as = "decimal" }]
"USt"      = [{ to = "tax.amount", as = "decimal" }, { to = "taxes[0].tax.amount", as = "decimal" }]
"Brutto"   = { to = "gross.amount", as = "decimal" }

[constants]
"buyer.line1" = "Exempel Gasse 1"
"buyer.postal_code" = "56789"
"buyer.city" = "Rosahausen"
"buyer.country" = "DE"
"lines[].quantity" = "1"
"lines[].tax_category" = "S"
"lines[].tax_rate" = "19"
"lines[].net.currency" = "EUR"
"taxes[0].category" = "S"
"taxes[0].rate" = "19"
"taxes[0].net.currency" = "EUR"
"taxes[0].tax.currency" = "EUR"
"net.currency" = "EUR"
"tax.currency" = "EUR"
"gross.currency" = "EUR"
"""

CUSTOMER_COLUMNS = ["number", "company", "email", "billing_address.line1", "billing_address.postal_code", "billing_address.city", "billing_address.country"]
INVOICE_COLUMNS = ["Rechnung", "Kunde", "Datum", "Fällig", "Leistung", "Name", "Text", "Preis", "Netto", "USt", "Brutto"]


# Who issued the invoices: without it none is whole.
COMPANY = {
    "name": "Alte Bücher AG",
    "street": "Am Markt 1",
    "postal_code": "10115",
    "city": "Berlin",
    "country": "DE",
    "phone": "+49 30 23125 100",
    "email": "info@alte-buecher.example",
    "tax_number": "12/345/67890",
    "vat_id": "DE123456788",
    "register": "Amtsgericht Charlottenburg, HRB 12345",
    "management": "Vorstand: Dr. Anna Beispiel",
    "bank": {"holder": "Alte Bücher AG", "iban": "DE02800200400088844422", "bic": "MUSTDEMMXXX", "bank": "Mega Bank AG"},
}


def customer_number(n):
    return f"K{10_000 + n}"


def invoice_number(n):
    return f"RE-{n:06}"


def wrong_customers():
    return {customer_number(n) for n in range(WRONG_CUSTOMER_EACH, CUSTOMERS + 1, WRONG_CUSTOMER_EACH)}


def wrong_invoices():
    """What must be refused, and the field that is wrong with it."""
    wrong = {}
    for n in range(1, INVOICES + 1):
        if owner(n) in wrong_customers() or n % UNKNOWN_CUSTOMER_EACH == 0:
            wrong[invoice_number(n)] = "customer"
        if n % WRONG_SUM_EACH == 0:
            wrong[invoice_number(n)] = "gross"
    return wrong


def months():
    """In which invoices were issued, as `2021-01`."""
    days = (FIRST_DAY + timedelta(days=day) for day in range(DAYS))
    return sorted({f"{day:%Y-%m}" for day in days})


def rows():
    """Rows of the spreadsheet, without its head."""
    return INVOICES + INVOICES // SECOND_ROW_EACH


def rows_of_number(number):
    return 1 + (int(number.removeprefix("RE-")) % SECOND_ROW_EACH == 0)


def owner(n):
    """Whose an invoice is."""
    return customer_number(1 + n % CUSTOMERS)


def write_customers(path):
    """As a spreadsheet program of a German Windows exports it."""
    wrong = wrong_customers()
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(CUSTOMER_COLUMNS)
        for n in range(1, CUSTOMERS + 1):
            number = customer_number(n)
            email = "keine" if number in wrong else f"kunde{n}@example.org"
            rows.writerow([number, f"Müller & Söhne {n} GmbH", email, f"Straße {n}", "56789", "Rosahausen", "DE"])


def write_invoices(path):
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Rechnungen")
    sheet.append(INVOICE_COLUMNS)
    for n in range(1, INVOICES + 1):
        for row in rows_of(n):
            sheet.append(row)
    book.save(path)


def rows_of(n):
    """One row per line of the invoice; dates and amounts are dates and numbers, as in a real sheet."""
    issued = FIRST_DAY + timedelta(days=n % DAYS)
    prices = [Decimal(500 + n % 9_000) / 100]
    if n % SECOND_ROW_EACH == 0:
        prices.append(Decimal(199) / 100)
    net = sum(prices)
    tax = (net * 19 / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    gross = net + tax + (1 if n % WRONG_SUM_EACH == 0 else 0)
    customer = "K99999" if n % UNKNOWN_CUSTOMER_EACH == 0 else owner(n)
    head = [invoice_number(n), customer, issued, issued + timedelta(days=14), issued, f"Müller & Söhne {n} GmbH"]
    for price in prices:
        yield [*head, f"Leistung {n}", price, net, tax, gross]
