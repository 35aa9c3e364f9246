"""Runs the Rust tests of one group: `rust_tests.py unit|router|pdf`.

All groups take their tests from the one build of the whole workspace; `-p` would build it again with other features.
With cargo-nextest each test has its own process and its own time limit; without it the test programs that
`cargo test --workspace` made are run one after the other.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

# Package `tests` holds journeys over the routers; the documents' integration tests need outside PDF tools.
FILTERS = {
    "unit": "not package(tests) - (package(documents) & kind(test))",
    "router": "package(tests)",
    "pdf": "package(documents) & kind(test)",
}


# Tests that do something thousands of times say so in their names; `tests/run --fast` leaves them out.
LONG = "_thousand_"


def group_of(package, kind):
    if package == "tests":
        return "router"
    return "pdf" if package == "documents" and kind == "test" else "unit"


def with_nextest(group):
    settings = ["--config-file", "tests/lib/nextest.toml", "--no-fail-fast", "--no-tests", "fail"]
    quiet = ["--cargo-quiet", "--status-level", "slow", "--final-status-level", "fail", "--show-progress", "none"]
    tests = f"({FILTERS[group]}) - test({LONG})" if "FAST" in os.environ else FILTERS[group]
    return subprocess.run(["cargo", "nextest", "run", "--workspace", *settings, *quiet, "-E", tests]).returncode


def test_programs():
    build = ["cargo", "test", "--workspace", "--no-run", "--quiet", "--message-format", "json-render-diagnostics"]
    built = subprocess.run(build, stdout=subprocess.PIPE, text=True, check=True).stdout
    for message in map(json.loads, built.splitlines()):
        if message["reason"] == "compiler-artifact" and message["executable"] and message["profile"]["test"]:
            folder = pathlib.Path(message["manifest_path"]).parent
            yield folder, message["target"]["kind"][0], message["executable"]


def without_nextest(group):
    status = 0
    for folder, kind, program in test_programs():
        if group_of(folder.name, kind) == group:
            environment = {**os.environ, "CARGO_MANIFEST_DIR": str(folder)}
            left_out = ["--skip", LONG] if "FAST" in os.environ else []
            status |= subprocess.run([program, "--quiet", *left_out], cwd=folder, env=environment).returncode
    return status


if __name__ == "__main__":
    run = with_nextest if shutil.which("cargo-nextest") else without_nextest
    sys.exit(run(sys.argv[1]))
