"""Roles: one per function, with exactly what tests/infra/rights.json says of it, and never what nobody may have."""

import json
import re

from stages import ROOT, as_list, text

TABLE = json.loads((ROOT / "tests/infra/rights.json").read_text())
# Reading everything, queries nobody can limit to keys, and rights over rights.
NEVER = re.compile(r"\*|^dynamodb:(Scan|PartiQL\w*|ExportTable\w*|DeleteTable|UpdateTable)$|^iam:|^sts:", re.IGNORECASE)
# X-Ray knows no resources.
WITHOUT_RESOURCE = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
# Where a `*` may stand: items and indexes of the one table, files and keys below a prefix, senders, streams of one's own log group.
WIDE = [
    r"\$\{Data\.Outputs\.TableArn}/index/\*",
    r"\$\{Data\.Outputs\.BucketArn}/[TE]/[^/]+/(\w+/)?\*",
    r"\$\{Data\.Outputs\.FailedBatchesArn}/\*",
    r".*:parameter/kundenkontor/\w+/providers/[^/]+/\*",
    r".*:identity/\*",
    r".*:function:\$\{AWS::StackName}-\*",
    r".*:alarm:\*",
]
# How rights.json calls the keys of the stage's tenant; in a pool those of everyone.
OWN = "the tenant's"
KEYED = {"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"}
# Who alone may do or reach what.
ONLY = {"ssm:PutParameter": "Backoffice", "parameter/kundenkontor/<stage>/signing-key": "AuthOtp"}


def objections(stage):
    roles = stage.template.of_type("AWS::IAM::Role")
    functions = stage.template.of_type("AWS::Lambda::Function")
    wanted = {f"{name}Role" for name in functions} | {"DeployRole"}
    if roles.keys() != wanted:
        yield f"the roles are {sorted(roles)} instead of {sorted(wanted)}"
    for name, function in functions.items():
        if text(function["Properties"]["Role"]) != f"${{{name}Role.Arn}}":
            yield f"{name} has not its own role"
    for name, role in roles.items():
        for said in wrong_role(stage, name, role["Properties"]):
            yield f"{name}: {said}"
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::User"):
        for name in stage.template.of_type(kind):
            yield f"{name} gives rights beside the roles"


def wrong_role(stage, name, role):
    if set(role) != {"AssumeRolePolicyDocument", "Policies"}:
        yield f"has {sorted(role)}"
    service = "codedeploy" if name == "DeployRole" else "lambda"
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    if trust["Principal"] != {"Service": f"{service}.amazonaws.com"}:
        yield f"{trust['Principal']} may be it"
    statements = [it for policy in role["Policies"] for it in policy["PolicyDocument"]["Statement"]]
    for statement in statements:
        for said in never(statement):
            yield f"{statement['Sid']} {said}"
    found, wanted = {it["Sid"]: said_of(stage, it) for it in statements}, expected(stage, name)
    for sid in found.keys() | wanted.keys():
        if found.get(sid) != wanted.get(sid):
            yield f"{sid} is {found.get(sid)}, rights.json says {wanted.get(sid)}"
    if len(found) != len(statements):
        yield "two statements have one name"
    yield from others_rights(name, found)


def never(statement):
    actions, resources = as_list(statement["Action"]), [text(it) for it in as_list(statement["Resource"])]
    if statement["Effect"] != "Allow" or not actions or not resources:
        yield "allows nothing"
    for action in actions:
        if NEVER.search(action):
            yield f"has {action}"
        service, verb = action.split(":", 1) if ":" in action else (action, "")
        keys = statement.get("Condition", {})
        if service == "dynamodb" and verb in KEYED and not is_keyed(keys):
            yield f"may {verb} any key"
    for resource in resources:
        is_wide = "*" in resource and not any(re.fullmatch(pattern, resource) for pattern in WIDE)
        if is_wide and not (resource == "*" and set(actions) <= WITHOUT_RESOURCE):
            yield f"reaches {resource}"


def is_keyed(condition):
    """Without the second test the first would hold for a request without keys."""
    keys = condition.get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", ["*"])
    return "*" not in as_list(keys) and condition.get("Null") == {"dynamodb:LeadingKeys": "false"}


def said_of(stage, statement):
    """A statement as rights.json writes it."""
    named = lambda it: text(it).replace(f"/kundenkontor/{stage.template.parameters['Stage']}/", "/kundenkontor/<stage>/")
    said = {
        "may": sorted(as_list(statement["Action"])),
        "on": sorted(named(it) for it in as_list(statement["Resource"])),
    }
    keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys")
    if keys is not None:
        said["keys"] = sorted(as_list(keys))
    if statement.get("Condition", {}).keys() - {"ForAllValues:StringLike", "Null"}:
        said["if"] = statement["Condition"]
    return said


def expected(stage, name):
    parameters = stage.template.parameters
    statements = dict(TABLE["roles"][name])
    if name != "DeployRole":
        statements["Logs"] = {"may": TABLE["every function"]["Logs"], "on": [f"${{{name.removesuffix('Role')}Logs.Arn}}"]}
        if parameters["Tracing"] == "Active":
            statements["Traces"] = TABLE["every function"]["Traces"]
        if parameters["KmsKeyArn"]:
            statements["OwnKey"] = {"may": TABLE["every function"]["OwnKey"], "on": [parameters["KmsKeyArn"]]}
    own = ["T#*"] if stage.tenant == "*" else [f"T#{stage.tenant}", f"T#{stage.tenant}#*"]
    return {sid: of_this(stage, said, own) for sid, said in statements.items()}


def of_this(stage, said, own):
    """A row of rights.json with the stage's tenant in it; in a pool that is everyone."""
    on = sorted(resource.replace("<tenant>", stage.tenant) for resource in said["on"])
    keys = {"keys": sorted(key for said_key in as_list(said["keys"]) for key in (own if said_key == OWN else [said_key]))} if "keys" in said else {}
    return {"may": sorted(said["may"]), "on": on} | keys


def others_rights(name, found):
    for right, owner in ONLY.items():
        has = any(right in it["may"] or any(right in resource for resource in it["on"]) for it in found.values())
        if has != (name == f"{owner}Role"):
            yield f"{right} is {owner}'s alone"
