"""Pictures of paper: `papers.py PORT FOLDER`, a PNG per page of two invoices, a document of each kind, a statement of account and
the PDFs that lie in the folder."""

import pathlib
import subprocess
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

from customer import Customer  # noqa: E402

PAPERS = {
    "invoices/RE1000": "paper-RE1000",
    "invoices/RE1112": "paper-forty-lines",
    "documents/offer/AN-2026-7": "paper-offer",
    "documents/credit-note/GS-2026-3": "paper-credit-note",
    "documents/dunning/MA-2026-4": "paper-dunning",
    "documents/delivery-note/LS-2026-5": "paper-delivery-note",
    "documents/confirmation/AB-2026-6": "paper-confirmation",
    "statement": "paper-statement",
}
QUERIES = {"statement": "?from=2026-08-01&to=2026-11-30"}
DOTS_PER_INCH = "90"

port, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
tine = Customer(port)
tine.sign_in("tine@example.org")
for path, name in PAPERS.items():
    status, headers, paper = tine.get(f"/{path}/pdf{QUERIES.get(path, '')}")
    # What is kept lies in the bucket.
    if status == 303:
        with urllib.request.urlopen(headers["Location"]) as answer:
            paper = answer.read()
    (folder / f"{name}.pdf").write_bytes(paper)
for paper in folder.glob("*.pdf"):
    command = ["pdftoppm", "-png", "-r", DOTS_PER_INCH, paper.name, paper.stem]
    subprocess.run(command, cwd=folder, check=True)
