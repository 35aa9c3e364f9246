"""Reads MT940 samples with PyPI `mt-940` and with our own reader, and compares what both say, a check per entry.

`compare_mt940.py READER FILE…`: READER is the built example `read_statement` of the crate `payments`.
"""

import json
import pathlib
import subprocess
import sys

import mt940


def squeezed(text):
    """Both break lines in their own way, and only ours leaves words apart that a line break parted."""
    return "".join((text or "").split())


def theirs(path):
    """Every entry that moved money, as (value date, booking date, amount, way, bank's reference, id, payer, text)."""
    text = pathlib.Path(path).read_bytes().decode("cp1252")
    for entry in mt940.parse(text).transactions:
        data = entry.data
        if not data["amount"].amount:
            continue
        yield (
            str(data["date"]),
            str(data.get("entry_date") or data["date"]),
            f"{abs(data['amount'].amount):.2f} {data['amount'].currency}",
            "debit" if data["status"] in ("D", "RC") else "credit",
            data["bank_reference"] or None,
            (data.get("end_to_end_reference") or "NOTPROVIDED").replace("NOTPROVIDED", ""),
            squeezed(data.get("applicant_name")),
            squeezed(data.get("purpose") or data.get("transaction_details")),
        )


def ours(reader, path):
    statements = json.loads(subprocess.run([reader, path], check=True, capture_output=True).stdout)["statements"]
    for entry in (entry for statement in statements for entry in statement["entries"]):
        yield (
            entry["value_on"],
            entry["booked_on"],
            f"{entry['amount']['amount']} {entry['amount']['currency']}",
            entry["direction"],
            entry.get("servicer_reference"),
            entry.get("end_to_end_id", ""),
            squeezed(entry.get("payer_iban", "") + entry["payer_name"]),
            squeezed(entry["text"]),
        )


def main(reader, *paths):
    passed = failed = 0
    for path in paths:
        a, b = list(theirs(path)), list(ours(reader, path))
        if len(a) != len(b) or not a:
            print(f"{path}: mt-940 reads {len(a)} entries, we read {len(b)}")
            failed += 1
        for number, (one, other) in enumerate(zip(a, b), 1):
            if one == other:
                passed += 1
            else:
                failed += 1
                print(f"{path}, entry {number}:\n  mt-940 {one}\n  ours   {other}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
