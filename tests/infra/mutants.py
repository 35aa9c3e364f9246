"""Templates with one thing wrong: each route, variable, action and failure destination taken away, and one more of each put in."""

import functions
from front_door import ANY_METHOD, EXPECTED, INTEGRATION, INTEGRATIONS, logical
from stages import EDGE, as_list

ABSENT = object()
# Of each service one action that no statement has, some that some have, and everything.
MORE_ACTIONS = [
    "dynamodb:Scan",
    "dynamodb:PartiQLSelect",
    "dynamodb:DeleteItem",
    "s3:DeleteObject",
    "ssm:PutParameter",
    "ses:SendEmail",
    "*",
]
MORE_VARIABLES = sorted(functions.KNOWN) + ["WHATEVER"]


class Mutant:
    """One entry of a template, changed for as long as one is inside; `value` ABSENT takes it away."""

    def __init__(self, name, place, key, value=ABSENT):
        self.name, self.place, self.key, self.value = name, place, key, value

    def __enter__(self):
        self.before = list(self.place.items()) if isinstance(self.place, dict) else list(self.place)
        if self.value is ABSENT:
            del self.place[self.key]
        elif isinstance(self.place, list) and self.key == len(self.place):
            self.place.append(self.value)
        else:
            self.place[self.key] = self.value
        return self

    def __exit__(self, *_):
        self.place.clear()
        self.place.update(self.before) if isinstance(self.place, dict) else self.place.extend(self.before)


def of(stage):
    if stage.name == EDGE:
        yield from cdn(stage.edge.resources)
        return
    yield from routes(stage)
    yield from variables(stage)
    yield from rights(stage)
    yield from destinations(stage)
    yield from calls(stage)
    yield from kept(stage)
    yield from alarms(stage)


def routes(stage):
    paths = stage.template.resources["Api"]["Properties"]["Body"]["paths"]
    names = sorted(set(EXPECTED.values()))
    for path in list(paths):
        yield Mutant(f"the route {path} is missing", paths, path)
        other = names[(names.index(EXPECTED[path]) + 1) % len(names)]
        yield Mutant(f"{path} leads to {other}", paths, path, leading_to(other))
    for name in names:
        yield Mutant(f"{name} has one route more", paths, f"/mutants/{name}", leading_to(name))


def leading_to(name):
    return {ANY_METHOD: {INTEGRATION: {"$ref": INTEGRATIONS + name}}}


def variables(stage):
    for name, function in stage.template.of_type("AWS::Lambda::Function").items():
        told = function["Properties"]["Environment"]["Variables"]
        for variable in list(told):
            yield Mutant(f"{name} is not told {variable}", told, variable)
        for variable in MORE_VARIABLES:
            if variable not in told:
                yield Mutant(f"{name} is told {variable}", told, variable, "x")


def rights(stage):
    for name, role in stage.template.of_type("AWS::IAM::Role").items():
        (policy,) = role["Properties"]["Policies"]
        statements = policy["PolicyDocument"]["Statement"]
        for number, statement in enumerate(list(statements)):
            what = f"{name} {statement['Sid']}"
            yield Mutant(f"{what} is missing", statements, number)
            yield from actions(what, statement)
            if statement["Resource"] != "*":
                yield Mutant(f"{what} is on everything", statement, "Resource", "*")
            for key in list(statement.get("Condition", {})):
                yield Mutant(f"{what} holds without {key}", statement["Condition"], key)
            if "Condition" in statement:
                yield Mutant(f"{what} holds for every key", statement, "Condition")
        yield Mutant(f"{name} has a policy of AWS", role["Properties"], "ManagedPolicyArns", ["arn:aws:iam::aws:policy/x"])


def actions(what, statement):
    present = as_list(statement["Action"])
    for action in present:
        rest = [it for it in present if it != action]
        yield Mutant(f"{what} has no {action}", statement, "Action", rest)
    for action in MORE_ACTIONS:
        if action not in present:
            yield Mutant(f"{what} has {action}", statement, "Action", [*present, action])


def destinations(stage):
    resources = stage.template.resources
    for kind in ("AWS::Lambda::EventSourceMapping", "AWS::Lambda::EventInvokeConfig"):
        for name, it in stage.template.of_type(kind).items():
            yield Mutant(f"{name} loses what is given up", it["Properties"], "DestinationConfig")
            yield Mutant(f"{name} does not try again", it["Properties"], "MaximumRetryAttempts", 0)
    for name, it in stage.template.of_type("AWS::Events::Rule").items():
        for target in it["Properties"]["Targets"]:
            yield Mutant(f"{name} loses minutes", target, "DeadLetterConfig")
    for name, it in stage.template.of_type("AWS::SNS::Subscription").items():
        yield Mutant(f"{name} loses mails", it["Properties"], "RedrivePolicy")
    for kind in ("EventSourceMapping", "EventInvokeConfig"):
        for name in stage.template.of_type(f"AWS::Lambda::{kind}"):
            yield Mutant(f"{name} is missing", resources, name)
    batches = stage.data.resources["FailedBatches"]["Properties"]
    yield Mutant("batches that are given up are not told", batches, "NotificationConfiguration")


def calls(stage):
    resources = stage.template.resources
    for kind in ("Permission", "Alias", "Function"):
        for name in stage.template.of_type(f"AWS::Lambda::{kind}"):
            yield Mutant(f"{name} is missing", resources, name)
    for kind in ("AWS::CodeDeploy::DeploymentGroup", "AWS::Events::Rule", "AWS::SNS::Subscription", "AWS::IAM::Role"):
        for name in stage.template.of_type(kind):
            yield Mutant(f"{name} is missing", resources, name)
    integrations = resources["Api"]["Properties"]["Body"]["components"]["x-amazon-apigateway-integrations"]
    for name, integration in integrations.items():
        yield Mutant(f"the integration {name} is missing", integrations, name)
        yield Mutant(f"{name} is called beside its alias", integration, "uri", integration["uri"].replace(":live", ""))
    for name in sorted(set(EXPECTED.values())):
        function = resources.get(logical(name), {}).get("Properties")
        if function:
            yield Mutant(f"{name} takes longer than the gateway waits", function, "Timeout", 60)


def kept(stage):
    for stack in (stage.template, stage.data):
        for name, resource in stack.resources.items():
            for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
                if resource.get(policy) == "Retain" and resource["Type"] != "AWS::Lambda::Version":
                    yield Mutant(f"{name} has no {policy}", resource, policy)
    for name, group in stage.template.of_type("AWS::Logs::LogGroup").items():
        yield Mutant(f"{name} is kept for ever", group["Properties"], "RetentionInDays")
    table = stage.data.resources["Table"]["Properties"]
    for setting in ("DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "SSESpecification"):
        yield Mutant(f"the table has no {setting}", table, setting)
    for setting in ("StreamSpecification", "TimeToLiveSpecification"):
        yield Mutant(f"the table has no {setting}", table, setting)
    for name, bucket in stage.data.of_type("AWS::S3::Bucket").items():
        for setting in ("PublicAccessBlockConfiguration", "VersioningConfiguration", "BucketEncryption"):
            yield Mutant(f"{name} has no {setting}", bucket["Properties"], setting)
    yield Mutant("no file can be locked", stage.data.resources["Bucket"]["Properties"], "ObjectLockEnabled")


def alarms(stage):
    resources = stage.observability.resources
    for name, alarm in stage.observability.of_type("AWS::CloudWatch::Alarm").items():
        it = alarm["Properties"]
        yield Mutant(f"{name} is missing", resources, name)
        computed = [one["MetricStat"]["Metric"] for one in it.get("Metrics", []) if "MetricStat" in one]
        for metric in computed or [it]:
            yield Mutant(f"{name} looks at nothing", metric, "MetricName", "Nothing")
        yield Mutant(f"{name} does not say what to do", it, "AlarmDescription", "Look.")
        if "AlarmActions" in it:
            yield Mutant(f"{name} tells nobody", it, "AlarmActions")
            yield Mutant(f"{name} does not tell its end", it, "OKActions")


def cdn(resources):
    for name in list(resources):
        yield Mutant(f"{name} is missing", resources, name)
    distribution = resources["Distribution"]["Properties"]["DistributionConfig"]
    for setting in ("ConnectionMode", "WebACLId", "CacheBehaviors"):
        yield Mutant(f"the distribution has no {setting}", distribution, setting)
    for behaviour in [distribution["DefaultCacheBehavior"], *distribution["CacheBehaviors"]]:
        yield Mutant("host and client are what a request claims", behaviour, "FunctionAssociations")
        yield Mutant("it is asked over http", behaviour, "ViewerProtocolPolicy", "allow-all")
        yield Mutant("HSTS may be missing", behaviour, "ResponseHeadersPolicyId")
    yield Mutant("the portal does not trust it", distribution["Origins"][0], "OriginCustomHeaders")
    assets = resources["Assets"]["Properties"]["CachePolicyConfig"]["ParametersInCacheKeyAndForwardedToOrigin"]
    yield Mutant("tenants share what is kept", assets, "HeadersConfig", {"HeaderBehavior": "none"})
    pages = resources["Pages"]["Properties"]["CachePolicyConfig"]
    yield Mutant("pages are kept", pages, "MaxTTL", 60)
    passed_on = resources["PassedOn"]["Properties"]["OriginRequestPolicyConfig"]
    yield Mutant("the gateway is asked for the tenant's host", passed_on, "HeadersConfig", {"HeaderBehavior": "allViewer"})
    headers = resources["Headers"]["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    policy = {"ContentSecurityPolicy": "x", "Override": True}
    yield Mutant("the portal's CSP is overridden", headers, "ContentSecurityPolicy", policy)
    yield Mutant("the portal's HSTS is overridden", headers["StrictTransportSecurity"], "Override", True)
    rules = resources["Firewall"]["Properties"]["Rules"]
    for number, rule in enumerate(list(rules)):
        yield Mutant(f"the firewall has no {rule['Name']}", rules, number)
    redacted = resources["FirewallLogging"]["Properties"]["RedactedFields"]
    for number, field in enumerate(list(redacted)):
        yield Mutant(f"the firewall writes {field}", redacted, number)
