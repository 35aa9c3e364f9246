"""Imports the books of a company into a portal of its own: `rehearse.py KONTOR PORT DATA FOLDER`.

5,000 customers come from a CSV file and 60,000 invoices from a spreadsheet. The second import is interrupted like by Ctrl-C and
started again. In the end every line is accounted for: told as taken or refused, named in the file of errors, and there or not there
when the portal is asked.
"""

import csv
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import files

SLUG = "alte-buecher-ag"
# After so much of the invoices Ctrl-C is pressed.
INTERRUPTED_AT = 0.3


class Desk:
    """Where the operator sits."""

    def __init__(self, program, port, data, folder):
        self.program, self.folder = program, Path(folder)
        self.url = f"http://localhost:{port}"
        self.host = f"{SLUG}.localhost:{port}"
        self.port = port
        self.key = json.loads(Path(data, "keys.json").read_text())["platform"]

    def command(self, *words):
        return [self.program, "--json", "--url", self.url, *words]

    def start(self, *words):
        environment = {**os.environ, "KONTOR_KEY": self.key}
        return subprocess.Popen(self.command(*words), stdout=subprocess.PIPE, text=True, env=environment)

    def run(self, *words):
        """Runs a command to its end; answers its exit status and what it said."""
        process = self.start(*words)
        said = [json.loads(line) for line in process.communicate()[0].splitlines()]
        return process.returncode, said

    def ask(self, path, method="GET", body=None):
        headers = {"Host": self.host, "Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        url = f"http://127.0.0.1:{self.port}/api/admin/v1{path}"
        request = urllib.request.Request(url, body and json.dumps(body).encode(), headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def numbers(self, things, asked=""):
        """All numbers of a list, page by page."""
        found, after = set(), ""
        while True:
            page = self.ask(f"/{things}?limit=100{asked}{after}")
            found.update(item["number"] for item in page["items"])
            if not page.get("next"):
                return found
            after = f"&after={page['next']}"

    def errors(self, name):
        with open(self.folder / f"{name}.errors.csv", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def that(self, sentence, is_true, seen=""):
        self.passed += bool(is_true)
        self.failed += not is_true
        print(f"{'ok' if is_true else 'FAILED'}: {sentence}{'' if is_true else f' ({seen})'}", flush=True)

    def tally(self, sentence, end, good, refused):
        """What an answer that was lost had done already is found unchanged."""
        got = (end["lines"], end["taken"] + end["unchanged"], end["refused"])
        self.that(sentence, got == (good + refused, good, refused), f"{end} instead of {good} and {refused}")


def interrupted(desk, checks, *words):
    """Starts an import and presses Ctrl-C when so much is done."""
    process = desk.start(*words)
    pressed, last = False, None
    for line in process.stdout:
        last = json.loads(line)
        if not pressed and last.get("event") == "progress" and last["done"] >= INTERRUPTED_AT * last["lines"]:
            process.send_signal(signal.SIGINT)
            pressed = True
    status = process.wait()
    checks.that("an import that is interrupted says how far it came", last["event"] == "stopped" and status == 2, (status, last))
    done = last["taken"] + last["unchanged"] + last["refused"]
    checks.that("what is done and what is open are all lines", done + last["open"] == files.rows() and last["open"] > 0, last)


def main(program, port, data, folder):
    desk, checks = Desk(program, port, data, folder), Checks()
    customers, book = desk.folder / "kunden.csv", desk.folder / "rechnungen.xlsx"
    files.write_customers(customers)
    files.write_invoices(book)
    (desk.folder / "rechnungen.toml").write_text(files.MAP, encoding="utf-8")
    wrong_customers, wrong_invoices = files.wrong_customers(), files.wrong_invoices()

    desk.run("tenant", "create", SLUG, "--name", "Alte Bücher AG", "--language", "de")
    _, said = desk.run("key", "create", "--tenant", SLUG, "--label", "import", "--scope", "read", "--scope", "write", "--scope", "settings")
    desk.key = said[-1]["key"]
    desk.ask("/settings/company", "PUT", files.COMPANY)

    began = time.monotonic()
    words = ("--host", desk.host, "import", "customers", str(customers))
    status, said = desk.run(*words, "--dry-run")
    checks.that("the dry run finds the wrong customers", status == 1 and {row["number"] for row in desk.errors("kunden.csv")} == wrong_customers, said[-1])
    status, said = desk.run(*words)
    checks.tally("every customer is accounted for", said[-1], files.CUSTOMERS - len(wrong_customers), len(wrong_customers))
    customers_took = time.monotonic() - began

    words = ("--host", desk.host, "import", "invoices", str(book), "--map", str(desk.folder / "rechnungen.toml"))
    began = time.monotonic()
    interrupted(desk, checks, *words)
    status, said = desk.run(*words)
    invoices_took = time.monotonic() - began
    good = files.INVOICES - len(wrong_invoices)
    checks.that("the second run tells its progress and ends with what was refused", status == 1 and len(said) > 2, status)
    wrong_rows = sum(files.rows_of_number(number) for number in wrong_invoices)
    checks.tally("every row of every invoice is accounted for", said[-1], files.rows() - wrong_rows, wrong_rows)
    refused = {row["number"]: row["field"] for row in desk.errors("rechnungen.xlsx")}
    different = {number: (refused.get(number), field) for number, field in wrong_invoices.items() if not refused.get(number, "").startswith(field)}
    checks.that("the file of errors names the wrong ones and their fields", refused.keys() == wrong_invoices.keys() and not different, list(different.items())[:5])

    checks.that("the portal has every good customer and no other", len(desk.numbers("customers")) == files.CUSTOMERS - len(wrong_customers))
    there = set().union(*(desk.numbers("invoices", f"&month={month}") for month in files.months()))
    checks.that("the portal has every good invoice and no other", len(there) == good and not there & wrong_invoices.keys(), len(there))
    status, said = desk.run("--host", desk.host, "ledger", "check")
    checks.that("the ledger of the imported books balances", status == 0, said[-1:])

    print(f"customers {files.CUSTOMERS / customers_took:.0f}/s with a dry run, invoices {files.INVOICES / invoices_took:.0f}/s with the interruption")
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
