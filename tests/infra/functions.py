"""Functions: how they run, what they are told, how a new version takes over."""

import json
import re

from front_door import EXPECTED, logical
from stages import ROOT, text

# The gateway waits for 30 seconds.
LONGEST_ANSWER_SECONDS = 28
LONGEST_JOB_SECONDS = 60
MEMORY = {"Documents": 1024}
JOBS = {"Documents", "Worker"}
TABLE = json.loads((ROOT / "tests/infra/environment.json").read_text())
CONFIG = (ROOT / "shared/web/src/config.rs").read_text().split("#[cfg(test)]")[0]
KNOWN = set(re.findall(r'\b(?:need|get|address)\((?:get, )?"([A-Z_]+)"', CONFIG)) | {"RUST_LOG"}
NEEDED = set(re.findall(r'\bneed\("([A-Z_]+)"', CONFIG)) | {"STAGE"}


def objections(stage):
    functions = stage.template.of_type("AWS::Lambda::Function")
    wanted = {logical(name) for name in EXPECTED.values()} | JOBS
    if not stage.is_sandbox:
        wanted.remove("SandboxProvider")
    if functions.keys() != wanted:
        yield f"the functions are {sorted(functions)} instead of {sorted(wanted)}"
    for name, function in functions.items():
        objects = [wrong_settings, wrong_environment, wrong_log_group, wrong_deployment]
        for said in (said for rule in objects for said in rule(stage, name, function["Properties"])):
            yield f"{name} {said}"


def wrong_settings(stage, name, it):
    for setting, wanted in {
        "Runtime": "provided.al2023",
        "Architectures": ["arm64"],
        "MemorySize": MEMORY.get(name, 256),
        "TracingConfig": {"Mode": stage.template.parameters["Tracing"]},
        "KmsKeyArn": stage.template.parameters["KmsKeyArn"] or None,
        # Where infra/build puts it.
        "Code": {"S3Bucket": "packages", "S3Key": f"target/lambda/{kebab(name)}.zip"},
    }.items():
        if it.get(setting) != wanted:
            yield f"has the {setting} {it.get(setting)} instead of {wanted}"
    if it["Timeout"] > (LONGEST_JOB_SECONDS if name == "Worker" else LONGEST_ANSWER_SECONDS):
        yield f"may take {it['Timeout']} s"
    reserved = stage.template.parameters["JobsConcurrency" if name in JOBS else "Concurrency"]
    if it.get("ReservedConcurrentExecutions", "0") != reserved:
        yield f"reserves {it.get('ReservedConcurrentExecutions')} executions instead of {reserved}"


def kebab(name):
    """`AuthOtp` is the package `auth-otp`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def wrong_environment(stage, name, it):
    variables = it["Environment"]["Variables"]
    for variable in variables.keys() - KNOWN:
        yield f"is told {variable}, which no function reads"
    for variable in NEEDED - variables.keys():
        yield f"does not start without {variable}"
    wanted = set(TABLE["every function"]) | set(TABLE["only"].get(name, []))
    wanted |= set(TABLE["in sandbox stages"]) if stage.is_sandbox else set()
    wanted |= set(TABLE["behind the CDN"]) if stage.template.parameters["EdgeSecret"] else set()
    if variables.keys() != wanted:
        yield f"is told {sorted(variables.keys() ^ wanted)} against tests/infra/environment.json"


def wrong_log_group(stage, name, it):
    group = text(it["LoggingConfig"].get("LogGroup", ""))
    if group != f"${{{name}Logs}}":
        yield f"writes to {group or 'the group that Lambda makes'}"


def wrong_deployment(stage, name, it):
    alias = stage.template.resources.get(f"{name}Aliaslive", {})
    follow = alias.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate", {}).get("DeploymentGroupName")
    group = stage.template.resources.get(f"{name}DeploymentGroup", {}).get("Properties", {})
    if not group or follow != {"Ref": f"{name}DeploymentGroup"}:
        yield "takes over at once, whatever alarms say"
        return
    alarms = {text(alarm["Name"]) for alarm in group["AlarmConfiguration"]["Alarms"]}
    if alarms != {"${Observability.Outputs.ApiFailures}", f"${{Observability.Outputs.{name}Errors}}"}:
        yield f"goes back on {sorted(alarms)}"
    if group["DeploymentConfigName"] != "CodeDeployDefault.Lambda" + stage.template.parameters["Deployment"]:
        yield f"is deployed as {group['DeploymentConfigName']}"
    if "DEPLOYMENT_STOP_ON_ALARM" not in group["AutoRollbackConfiguration"]["Events"]:
        yield "does not go back on alarms"
    if text(group["ServiceRoleArn"]) != "${DeployRole.Arn}":
        yield "is deployed by another role"
