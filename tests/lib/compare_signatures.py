"""Compares signatures with the vendors' own libraries: PyPI `stripe` both ways, npm `gocardless-nodejs` as far as it goes.

`compare_signatures.py PROGRAM FIXTURES`: PROGRAM is the built example `message` of the crate `payments`, FIXTURES the
folder of the vendors' messages. What our loopback vendors sign, the libraries take, and what is changed they do not;
what the library signs, our adapter takes.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

import stripe

STRIPE_SECRET = "whsec_compared"
GOCARDLESS_SECRET = "compared-webhook-secret"
GOCARDLESS = pathlib.Path(__file__).parent / "gocardless.mjs"


def bodies(folder):
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        body = json.loads(path.read_text())["body"]
        yield path, (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()


def run(*words):
    return subprocess.run(words, capture_output=True, text=True)


def stripe_takes(body, header):
    try:
        stripe.WebhookSignature.verify_header(body.decode(), header, STRIPE_SECRET, 300)
        return True
    except stripe.SignatureVerificationError:
        return False


def gocardless_takes(file, header):
    return run("node", str(GOCARDLESS), GOCARDLESS_SECRET, file, header).returncode == 0


def checks(program, fixtures):
    now = str(int(time.time()))
    with tempfile.TemporaryDirectory() as folder:
        file, changed = f"{folder}/body", f"{folder}/changed"
        for path, body in bodies(f"{fixtures}/stripe"):
            pathlib.Path(file).write_bytes(body)
            header = run(program, "sign", "stripe", STRIPE_SECRET, file, now).stdout.strip()
            yield f"{path.name}: Stripe's library takes what we sign", stripe_takes(body, header)
            yield f"{path.name}: and nothing else", not stripe_takes(body + b" ", header)
            signature = stripe.WebhookSignature._compute_signature(f"{now}.{body.decode()}", STRIPE_SECRET)
            theirs = f"t={now},v1={signature}"
            proved = run(program, "prove", "stripe", STRIPE_SECRET, file, now, theirs).returncode
            yield f"{path.name}: we take what Stripe's library signs", proved == 0
            pathlib.Path(changed).write_bytes(body + b" ")
            proved = run(program, "prove", "stripe", STRIPE_SECRET, changed, now, theirs).returncode
            yield f"{path.name}: and nothing else", proved == 1
        for path, body in bodies(f"{fixtures}/gocardless"):
            pathlib.Path(file).write_bytes(body)
            pathlib.Path(changed).write_bytes(body + b" ")
            header = run(program, "sign", "gocardless", GOCARDLESS_SECRET, file, now).stdout.strip()
            yield f"{path.name}: GoCardless' library takes what we sign", gocardless_takes(file, header)
            yield f"{path.name}: and nothing else", not gocardless_takes(changed, header)
            proved = run(program, "prove", "gocardless", GOCARDLESS_SECRET, file, now, header).returncode
            yield f"{path.name}: and so do we", proved == 0


def main(program, fixtures):
    passed = failed = 0
    for name, holds in checks(program, fixtures):
        passed, failed = passed + holds, failed + (not holds)
        if not holds:
            print(f"not so: {name}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
