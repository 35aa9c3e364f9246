"""What functions asked of the cloud while the routers were tested, against what their roles may: `seen.py FOLDER`.

Each function was noted with every right it used, on AWS's own terms (infra/local/src/rights.rs): for the table with all kinds of
partitions that one request concerned, for a file with the place it lies in. A right that was used and is not given fails on AWS alone,
where no test sees it; one that is given and never used is one too many.
"""

import fnmatch
import json
import pathlib
import sys

ROLES = json.loads(pathlib.Path("tests/infra/rights.json").read_text())["roles"]
# Secrets are files here, and CodeDeploy is nobody of ours.
NOTED = ("dynamodb:", "s3:", "ses:")
# Statements whose rights are needed and asked for by nobody here, or not in a function's name.
UNSEEN = {
    "Directory": "functions share one process and its memory of the directory here; WARM is read before the first request",
    "PublishedKey": "auth-otp publishes it when it starts, before it answers",
    "MissingFiles": "without it S3 answers „forbidden“ where a file is missing",
    "Packed": "documents deletes what it packed for somebody who was erased in that moment",
    "Stream": "Lambda reads it in the function's name",
    "GivenUpBatches": "Lambda writes it in the function's name",
    "GivenUpBatchesBucket": "Lambda asks it in the function's name",
}
# Asked only when two write one file at the same moment.
CONTESTED = ("Uploads", "s3:GetObject")


def role_of(function):
    return "".join(word.capitalize() for word in function.split("-")) + "Role"


def noted(folder):
    """(function, right, where) for every use, each once."""
    uses = set()
    for file in pathlib.Path(folder).glob("*.txt"):
        for line in file.read_text().splitlines():
            function, right, *where = line.split(" ")
            uses.add((function, right, tuple(where)))
    return uses


def allows(statement, right, where):
    if right not in statement["may"]:
        return False
    if right.startswith("dynamodb:"):
        return all(any(fnmatch.fnmatchcase(key, pattern) for pattern in keys_of(statement)) for key in where)
    if right.startswith("s3:") and where:
        places = [place.split("BucketArn}/")[-1].replace("<tenant>", "tenant") for place in statement["on"]]
        return any(fnmatch.fnmatchcase(where[0], place) for place in places)
    return True


def keys_of(statement):
    keys = statement.get("keys", [])
    own = ["T#tenant", "T#tenant#"]
    return [key for said in ([keys] if isinstance(keys, str) else keys) for key in (own if said == "the tenant's" else [said])]


def main(folder):
    uses, failed, passed, used = noted(folder), 0, 0, set()
    if not uses:
        print("nothing was noted")
        return 1
    for function, right, where in sorted(uses):
        allowing = [sid for sid, statement in ROLES[role_of(function)].items() if allows(statement, right, where)]
        used.update((role_of(function), sid, right) for sid in allowing)
        passed, failed = passed + bool(allowing), failed + (not allowing)
        if not allowing:
            print(f"{function} asks for {right} of {' and '.join(where)}, which its role does not allow")
    for role, statements in ROLES.items():
        for sid, statement in statements.items():
            for right in statement["may"]:
                if not right.startswith(NOTED) or sid in UNSEEN or (sid, right) == CONTESTED:
                    continue
                was_used = (role, sid, right) in used
                passed, failed = passed + was_used, failed + (not was_used)
                if not was_used:
                    print(f"{role} may {right} ({sid}) and never did")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
