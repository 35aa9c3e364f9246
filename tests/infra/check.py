"""What the templates must say, for every stage of samconfig.toml: `check.py lint`, `checkov`, `rules`, `mutants`.

Works offline on what SAM's own transformation makes of the templates; README.md says what each part is for.
"""

import functools
import json
import subprocess
import sys
import tempfile
import time

import cdn
import following_up
import front_door
import functions
import keeping
import mutants
import rights
import stages
import watching

RULES = [front_door, functions, rights, following_up, keeping, watching]
SECTIONS = ["webhosting-ag-sandbox", "webhosting-ag-prod", "pool-sandbox", "pool-prod", stages.EDGE]


def objections(stage):
    """What is wrong. A template in which a rule does not find its way is wrong too."""
    for rule in [cdn] if stage.name == stages.EDGE else RULES:
        try:
            yield from rule.objections(stage)
        except (KeyError, ValueError, AttributeError, TypeError, IndexError) as lost:
            yield f"{rule.__name__}: {type(lost).__name__} {lost}"


def wrong_section(section):
    """Is a section whole, and are its parameters the template's?"""
    said = stages.samconfig()[section]
    if not {"template_file", "stack_name", "region"} <= said["global"]["parameters"].keys():
        yield "names no template, stack or region"
    if said["validate"]["parameters"].get("lint") is not True:
        yield "is not linted"
    is_edge = section == stages.EDGE
    if said["global"]["parameters"]["region"] != ("us-east-1" if is_edge else "eu-central-1"):
        yield "is in another region"
    deploy = said["deploy"]["parameters"]
    if not is_edge and deploy["capabilities"] != "CAPABILITY_IAM CAPABILITY_AUTO_EXPAND":
        yield f"may {deploy['capabilities']}"
    template = stages.yaml_parse((stages.ROOT / said["global"]["parameters"]["template_file"]).read_text())
    given = stages.overrides(section)
    for name in given.keys() - template["Parameters"].keys():
        yield f"gives {name}, which the template does not know"
    for name, parameter in template["Parameters"].items():
        # The secret is no business of a file.
        if "Default" not in parameter and name not in given and not parameter.get("NoEcho"):
            yield f"does not give {name}"
    if not is_edge and section.startswith("pool-") == bool(given.get("TenantId")):
        yield "is one tenant's or a pool, and not the other"


def lint():
    """cfn-lint over each template of each stage as CloudFormation gets it; where two get the same, once."""
    clean = functools.cache(is_clean)
    passed = failed = 0
    for stage in stages.all_stages():
        region = "us-east-1" if stage.name == stages.EDGE else "eu-central-1"
        for name, stack in stage.stacks.items():
            is_good = clean(region, json.dumps(stack.raw))
            passed, failed = passed + is_good, failed + (not is_good)
            if not is_good:
                print(f"{stage.name}: cfn-lint objects to {name}")
    return passed, failed


def is_clean(region, template):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(template)
        file.flush()
        # SAM puts some parameters in and decides nothing; that they are then used nowhere, and some branches never, is no fault.
        options = ["--regions", region, "--ignore-checks", "W2001", "W1028"]
        ran = subprocess.run(["cfn-lint", *options, "--", file.name], stdout=subprocess.PIPE, check=False)
    print(ran.stdout.decode().replace(file.name, ""), end="")
    return ran.returncode == 0


def checkov():
    """What checkov knows of good templates. It ends well where it could not read one, hence its own count."""
    config = stages.ROOT / "tests/infra/checkov.yaml"
    command = ["checkov", "--config-file", config, "--output", "json"]
    ran = subprocess.run(command, stdout=subprocess.PIPE, check=False, cwd=stages.ROOT)
    said = json.loads(ran.stdout)
    for found in said["results"]["failed_checks"]:
        print(f"{found['file_path']}: {found['resource']}: {found['check_id']} {found['check_name']}")
    summary = said["summary"]
    return summary["passed"], summary["failed"] + summary["parsing_errors"] + (ran.returncode != 0)


def rules():
    """Each rule for each stage, each section of samconfig.toml."""
    passed = failed = 0
    if stages.sections() != SECTIONS:
        failed += 1
        print(f"samconfig.toml has the sections {stages.sections()}")
    checks = [(section, list(wrong_section(section))) for section in stages.sections()]
    checks += [(stage.name, list(objections(stage))) for stage in stages.all_stages()]
    for name, said in checks:
        passed, failed = passed + (not said), failed + bool(said)
        for one in said:
            print(f"{name}: {one}")
    return passed, failed


def mutate():
    """Each mutant of each stage must meet an objection; a stage counts once."""
    begin, made, survived, passed, failed = time.monotonic(), 0, 0, 0, 0
    for stage in stages.all_stages():
        surviving = []
        for mutant in mutants.of(stage):
            made += 1
            with mutant:
                if next(objections(stage), None) is None:
                    surviving.append(mutant.name)
        # The mutants took themselves back: else the next ones would be found by what is left of them.
        surviving += [f"it is not whole again: {said}" for said in objections(stage)]
        survived, passed, failed = survived + len(surviving), passed + (not surviving), failed + bool(surviving)
        for name in surviving:
            print(f"{stage.name}: nobody minds that {name}")
    print(f"{made} mutants, {made - survived} found in {time.monotonic() - begin:.0f} s")
    return passed, failed


if __name__ == "__main__":
    passed, failed = {"lint": lint, "checkov": checkov, "rules": rules, "mutants": mutate}[sys.argv[1]]()
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)
