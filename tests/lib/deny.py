"""Checks licences, banned crates and sources of the whole tree against deny.toml, a check per crate.

cargo-deny reads the same file; this needs nothing but cargo, so it also runs where no advisory database is reached.
"""

import json
import re
import subprocess
import sys
import tomllib

RULES = tomllib.load(open("deny.toml", "rb"))
ALLOWED = set(RULES["licenses"]["allow"])
BANNED = {crate["name"]: crate["reason"] for crate in RULES["bans"]["deny"]}


def is_allowed(expression):
    """Evaluates an SPDX expression; the slash of old manifests means OR."""
    words = re.findall(r"[()]|[^\s()]+", re.sub(r"\s*/\s*", " OR ", expression))

    def alternatives():
        allowed = combination()
        while words and words[0] == "OR":
            words.pop(0)
            allowed = combination() or allowed
        return allowed

    def combination():
        allowed = licence()
        while words and words[0] == "AND":
            words.pop(0)
            allowed = licence() and allowed
        return allowed

    def licence():
        word = words.pop(0)
        if word == "(":
            allowed = alternatives()
            words.pop(0)
            return allowed
        if words and words[0] == "WITH":
            word = f"{word} {words.pop(0)} {words.pop(0)}"
        return word in ALLOWED

    return alternatives() and not words


def objections(crate):
    if not crate["license"]:
        yield "names no licence"
    elif not is_allowed(crate["license"]):
        yield f"has the licence {crate['license']}"
    if crate["name"] in BANNED:
        yield f"is banned: {BANNED[crate['name']]}"
    if crate["source"] and not crate["source"].startswith("registry+"):
        yield f"comes from {crate['source']}"


def main():
    metadata = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked"], stdout=subprocess.PIPE, check=True
    )
    crates = json.loads(metadata.stdout)["packages"]
    failed = 0
    for crate in crates:
        wrong = list(objections(crate))
        failed += bool(wrong)
        for objection in wrong:
            print(f"{crate['name']} {crate['version']} {objection}")
    print(f"{len(crates) - failed} passed, {failed} failed")
    return 1 if failed or not crates else 0


if __name__ == "__main__":
    assert is_allowed("MIT OR GPL-3.0") and not is_allowed("MIT AND GPL-3.0") and is_allowed("Apache-2.0 / MIT")
    sys.exit(main())
