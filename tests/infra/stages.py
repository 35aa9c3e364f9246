"""Every stage of samconfig.toml as CloudFormation would make it: transformed, its parameters put in, its conditions decided."""

import functools
import logging
import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
EDGE = "edge"
# What no section says and every function must do as well: each section is looked at a second time with all of it.
EVERY_OPTION = {
    "Tracing": "Active",
    "KmsKeyArn": "arn:aws:kms:eu-central-1:000000000000:key/0",
    "AlarmTopicArn": "arn:aws:sns:eu-central-1:000000000000:alarms",
    "EdgeSecret": "x" * 32,
    "Concurrency": "5",
    "JobsConcurrency": "5",
}
NO_VALUE = {"Ref": "AWS::NoValue"}


@dataclass
class Stack:
    """One template: `raw` as transformed, `parameters` as given, `resources` as they would be made."""

    file: str
    raw: dict
    parameters: dict
    resources: dict = field(default_factory=dict)

    def of_type(self, kind):
        return {name: it for name, it in self.resources.items() if it["Type"] == kind}


@dataclass
class Stage:
    """A section of samconfig.toml with its stacks by their file's name."""

    name: str
    stacks: dict

    def __getattr__(self, stack):
        try:
            return self.__dict__["stacks"][stack]
        except KeyError as missing:
            raise AttributeError(stack) from missing

    @property
    def is_sandbox(self):
        return self.template.parameters["Stage"] == "sandbox"

    @property
    def tenant(self):
        return self.template.parameters["TenantId"] or "*"


@functools.cache
def samconfig():
    return tomllib.loads((ROOT / "samconfig.toml").read_text())


def sections():
    return [name for name in samconfig() if name != "version"]


def overrides(section):
    said = samconfig()[section]["deploy"]["parameters"]["parameter_overrides"]
    return dict(parameter.split("=", 1) for parameter in said)


def all_stages():
    """Each section as it stands, and again with every option; the CDN's has no such."""
    for section in sections():
        if section == EDGE:
            secret = {"EdgeSecret": EVERY_OPTION["EdgeSecret"]}
            yield Stage(section, {"edge": stack("edge.yaml", overrides(section) | secret)})
        else:
            yield stage(section, {})
            yield stage(section, EVERY_OPTION)


def stage(section, options):
    name = f"{section} with every option" if options else section
    template = stack("template.yaml", overrides(section) | options)
    stacks = {"template": template}
    for nested in template.of_type("AWS::CloudFormation::Stack").values():
        file = nested["Properties"]["TemplateURL"].rsplit("/", 1)[-1]
        given = {key: text(value) for key, value in nested["Properties"].get("Parameters", {}).items()}
        stacks[file.removesuffix(".yaml")] = stack(file, given)
    return Stage(name, stacks)


def stack(file, given):
    template = yaml_parse((ROOT / "infra" / file).read_text())
    parameters = {name: str(said.get("Default", "")) for name, said in template["Parameters"].items()} | given
    made = transformed(template, parameters)
    stack = Stack(file, made, parameters)
    chosen = {name: decide(rule, stack) for name, rule in made.get("Conditions", {}).items()}
    for name, resource in made["Resources"].items():
        if chosen.get(resource.get("Condition"), True):
            stack.resources[name] = resolved(resource, stack, chosen)
    return stack


def transformed(template, parameters):
    """What SAM makes of it. Code and nested templates stand where `sam package` would have put them."""
    if "Transform" not in template:
        return template
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://packages/" + resource["Properties"]["CodeUri"].removeprefix("../")
        elif resource["Type"] == "AWS::Serverless::Application":
            resource["Properties"]["Location"] = "https://packages.s3.amazonaws.com/" + resource["Properties"]["Location"]
    os.environ["AWS_DEFAULT_REGION"] = "eu-central-1"
    # It tells of switches that only AWS sets.
    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)
    return transform(template, dict(parameters), NoManagedPolicies())


class NoManagedPolicies:
    """No template here names one."""

    def load(self):
        return {}


def decide(rule, stack):
    """A condition's value."""
    ((how, terms),) = rule.items()
    if how == "Fn::Equals":
        left, right = (resolved(term, stack, {}) for term in terms)
        return str(left) == str(right)
    if how == "Condition":
        return decide(stack.raw["Conditions"][terms], stack)
    decided = [decide(term, stack) for term in terms]
    return {"Fn::Not": lambda: not decided[0], "Fn::And": lambda: all(decided), "Fn::Or": lambda: any(decided)}[how]()


def resolved(value, stack, chosen):
    """The value without conditions, with parameters put in; what only AWS knows stays as it is."""
    if isinstance(value, list):
        items = (resolved(item, stack, chosen) for item in value)
        return [item for item in items if item != NO_VALUE]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Fn::If"}:
        condition, yes, no = value["Fn::If"]
        return resolved(yes if chosen[condition] else no, stack, chosen)
    if set(value) == {"Ref"} and value["Ref"] in stack.parameters:
        return stack.parameters[value["Ref"]]
    if set(value) == {"Fn::Sub"}:
        return substituted(value["Fn::Sub"], stack, chosen)
    entries = ((key, resolved(item, stack, chosen)) for key, item in value.items())
    return {key: item for key, item in entries if item != NO_VALUE}


def substituted(sub, stack, chosen):
    template, own = (sub, {}) if isinstance(sub, str) else sub
    known = stack.parameters | {name: text(resolved(value, stack, chosen)) for name, value in own.items()}
    return re.sub(r"\$\{([^!}]+)}", lambda found: str(known.get(found[1], found[0])), template)


def text(value):
    """A reference as people write it in `!Sub`."""
    if isinstance(value, dict) and set(value) == {"Ref"}:
        return f"${{{value['Ref']}}}"
    if isinstance(value, dict) and set(value) == {"Fn::GetAtt"}:
        path = value["Fn::GetAtt"]
        return f"${{{path if isinstance(path, str) else '.'.join(path)}}}"
    return value if isinstance(value, str) else str(value)


def as_list(value):
    return value if isinstance(value, list) else [value]
