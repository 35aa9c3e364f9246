"""Reads a test runner's output and prints `PASSED FAILED`: the sum of its closing lines.

Understands cargo nextest, libtest, node's own runner and the plain line `N passed, N failed`.
"""

import re
import sys

NEXTEST = re.compile(r"^\s*Summary \[.*?\] .*?tests? run: (?P<rest>.*)$")
LIBTEST = re.compile(r"^test result: \w+\. (?P<passed>\d+) passed; (?P<failed>\d+) failed")
NODE = re.compile(r"^(?:#|ℹ) (?P<word>pass|fail|cancelled) (?P<count>\d+)$")
PLAIN = re.compile(r"^(?P<passed>\d+) passed, (?P<failed>\d+) failed$")


def counts(lines):
    passed = failed = 0
    for line in lines:
        if found := NEXTEST.match(line):
            words = dict((word, int(count)) for count, word in re.findall(r"(\d+) ([a-z]+)", found["rest"]))
            passed += words.get("passed", 0)
            failed += sum(words.get(word, 0) for word in ("failed", "exec", "timed"))
        elif found := LIBTEST.match(line) or PLAIN.match(line):
            passed += int(found["passed"])
            failed += int(found["failed"])
        elif found := NODE.match(line):
            if found["word"] == "pass":
                passed += int(found["count"])
            else:
                failed += int(found["count"])
    return passed, failed


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
        print(*counts(log.read().splitlines()))
