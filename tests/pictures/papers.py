"""Pictures of paper: `papers.py PORT FOLDER`, a PNG per page of two invoices and of the PDFs that lie in the folder."""

import pathlib
import subprocess
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

from customer import Customer  # noqa: E402

PAPERS = {"RE1000": "paper-RE1000", "RE1112": "paper-forty-lines"}
DOTS_PER_INCH = "90"

port, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
tine = Customer(port)
tine.sign_in("tine@example.org")
for number, name in PAPERS.items():
    _, headers, _ = tine.get(f"/invoices/{number}/pdf")
    with urllib.request.urlopen(headers["Location"]) as answer:
        (folder / f"{name}.pdf").write_bytes(answer.read())
for paper in folder.glob("*.pdf"):
    command = ["pdftoppm", "-png", "-r", DOTS_PER_INCH, paper.name, paper.stem]
    subprocess.run(command, cwd=folder, check=True)
