"""Waits until a portal answers: `wait_for.py PORT PATH…`. A function that is still being built answers late or 5xx."""

import sys
import time

from customer import Customer

LIMIT_SECONDS = 600


def is_answered(visitor, path):
    try:
        return visitor.get(path)[0] < 500
    except OSError:
        return False


port, *paths = sys.argv[1:]
end = time.monotonic() + LIMIT_SECONDS
for path in paths:
    while not is_answered(Customer(int(port)), path):
        if time.monotonic() > end:
            sys.exit(f"{path} does not answer")
        time.sleep(0.5)
