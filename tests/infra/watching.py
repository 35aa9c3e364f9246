"""Alarms and the dashboard: each looks at a metric that there is, says what to do and tells somebody."""

import functools
import json
import re

from stages import ROOT, text

OWN = "Kundenkontor"
# Metrics of AWS, with the dimensions they are written with.
KNOWN = json.loads((ROOT / "tests/infra/metrics.json").read_text())
METRICS = ROOT / "shared/web/src/metrics.rs"
SHORTEST_ADVICE = 40
OF_READERS = ("IteratorAge", "Invocations", "DestinationDeliveryFailures")
# What must be watched of AWS's beside each function's errors and throttles.
WATCHED = [
    ("AWS/ApiGateway", "5xx", "${Api}"),
    ("AWS/ApiGateway", "Latency", "${Api}"),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "${Data.Outputs.DeadLettersName}"),
    *(("AWS/Lambda", name, reader) for name in OF_READERS for reader in ("${Worker}", "${Documents}")),
    *(("AWS/DynamoDB", name, "${Data.Outputs.TableName}") for name in ("ReadThrottleEvents", "WriteThrottleEvents")),
    ("AWS/SES", "Reputation.BounceRate", ""),
    ("AWS/SES", "Reputation.ComplaintRate", ""),
]


@functools.cache
def own_metrics():
    """What functions write, by the names in the one file that writes them."""
    listed = re.search(r"^metrics! \{\n(.*?)^}", METRICS.read_text(), re.MULTILINE | re.DOTALL)
    return frozenset(re.findall(r"^    ([A-Z]\w+),$", listed[1], re.MULTILINE))


@functools.cache
def explained():
    """The alarms of the handbook's table, each as often as it stands there."""
    table = (ROOT / "infra/README.md").read_text().split("<!-- alarms: begin -->")[1].split("<!-- alarms: end -->")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


def unexplained(stage):
    alarms = set(stage.observability.raw["Resources"])
    yield from (f"the handbook does not explain {name}" for name in stage.observability.of_type("AWS::CloudWatch::Alarm") if name not in explained())
    yield from (f"the handbook explains {name}, which is no alarm" for name in explained() if name not in alarms)
    yield from (f"the handbook explains {name} twice" for name in set(explained()) if explained().count(name) > 1)


def objections(stage):
    alarms = stage.observability.of_type("AWS::CloudWatch::Alarm")
    yield from unexplained(stage)
    for name, alarm in alarms.items():
        yield from (f"{name} {said}" for said in wrong_alarm(stage, alarm["Properties"]))
    yield from unwatched(stage, [metric for it in alarms.values() for metric in metrics_of(it["Properties"])])
    yield from wrong_dashboard(stage)


def metrics_of(alarm):
    """Namespace, name and dimensions of everything an alarm looks at."""
    computed = [it["MetricStat"]["Metric"] for it in alarm.get("Metrics", []) if "MetricStat" in it]
    for it in computed or [alarm]:
        dimensions = {one["Name"]: text(one["Value"]) for one in it.get("Dimensions", [])}
        yield it["Namespace"], it["MetricName"], dimensions


def wrong_alarm(stage, alarm):
    if len(alarm.get("AlarmDescription", "")) < SHORTEST_ADVICE:
        yield "does not say what to do"
    topic = stage.template.parameters["AlarmTopicArn"]
    told = [topic] if topic else None
    if alarm.get("AlarmActions") != told or alarm.get("OKActions") != told:
        yield "does not tell the topic that it began and ended"
    if alarm.get("TreatMissingData") not in ("notBreaching", "breaching"):
        yield "does not say what missing data mean"
    for metric in metrics_of(alarm):
        yield from unknown(stage, *metric)


def unknown(stage, namespace, name, dimensions):
    if namespace == OWN:
        if name not in own_metrics() or dimensions != {"Stage": stage.template.parameters["Stage"]}:
            yield f"looks at {name} {dimensions}, which no function writes"
    elif sorted(dimensions) not in KNOWN.get(namespace, {}).get(name, []):
        yield f"looks at {namespace} {name} {sorted(dimensions)}, which AWS does not write"
    for value in dimensions.values():
        if not value or value.startswith("${") and not value.startswith(("${Api}", "${Data.Outputs.")):
            functions = {f"${{{function}}}" for function in stage.template.of_type("AWS::Lambda::Function")}
            if value not in functions:
                yield f"looks at {value or 'nothing'}"


def unwatched(stage, looked_at):
    seen = {(namespace, name) for namespace, name, _ in looked_at}
    for name in own_metrics():
        if (OWN, name) not in seen:
            yield f"nobody watches {name}"
    of_functions = [f"${{{function}}}" for function in stage.template.of_type("AWS::Lambda::Function")]
    of_each = [("AWS/Lambda", name, function) for name in ("Errors", "Throttles") for function in of_functions]
    found = {(namespace, name, next(iter(dimensions.values()), "")) for namespace, name, dimensions in looked_at}
    for namespace, name, of in [*WATCHED, *of_each]:
        if (namespace, name, of) not in found:
            yield f"nobody watches {namespace} {name} {of}"


def wrong_dashboard(stage):
    (dashboard,) = stage.observability.of_type("AWS::CloudWatch::Dashboard").values()
    for widget in json.loads(dashboard["Properties"]["DashboardBody"])["widgets"]:
        title = widget["properties"]["title"]
        for row in widget["properties"]["metrics"]:
            row = [part for part in row if not isinstance(part, dict)]
            namespace, name, rest = row[0], row[1], row[2:]
            for said in unknown(stage, namespace, name, dict(zip(rest[::2], rest[1::2], strict=True))):
                yield f"the widget {title} {said}"
        if not widget["properties"]["metrics"]:
            yield f"the widget {title} is empty"
