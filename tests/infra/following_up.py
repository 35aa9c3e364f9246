"""What nobody waits for: each asynchronous edge ends somewhere when it is given up, for `kontor replay` to find it."""

from stages import as_list, text

LETTERS = "${Data.Outputs.DeadLettersArn}"
BATCHES = "${Data.Outputs.FailedBatchesArn}"
STREAM = "${Data.Outputs.StreamArn}"
# Who is woken by what.
READERS = {"Worker", "Documents"}
BY_MAILS = {"Worker"}
FILTER = '{"eventName":["INSERT"],"dynamodb":{"NewImage":{"wake":{"S":["%s"]}}}}'


def objections(stage):
    yield from streams(stage.template.of_type("AWS::Lambda::EventSourceMapping").values())
    yield from minutes(stage.template.of_type("AWS::Events::Rule").values())
    yield from mails(stage.template.of_type("AWS::SNS::Subscription").values())
    yield from calls(stage.template.of_type("AWS::Lambda::EventInvokeConfig").values())
    yield from permissions(stage.template)
    yield from letters(stage.data.resources)


def live(function):
    return f"${{{function}Aliaslive}}"


def streams(mappings):
    found = {text(it["Properties"]["FunctionName"]): it["Properties"] for it in mappings}
    if found.keys() != {live(reader) for reader in READERS}:
        yield f"the stream's readers are {sorted(found)}"
    for name, it in found.items():
        reader = name.removeprefix("${").removesuffix("Aliaslive}").lower()
        if text(it["EventSourceArn"]) != STREAM or it.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{reader} does not read the stream item by item"
        if text(it.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")) != BATCHES:
            yield f"batches that {reader} gives up are lost"
        if not it.get("BisectBatchOnFunctionError") or not 0 < it.get("MaximumRetryAttempts", -1) <= 10:
            yield f"one bad item stops {reader} for a day"
        if [one["Pattern"] for one in it["FilterCriteria"]["Filters"]] != [FILTER % reader]:
            yield f"{reader} is woken by what is not its own"


def minutes(rules):
    found = {}
    for it in rules:
        for target in it["Properties"]["Targets"]:
            found[text(target["Arn"])] = target
            if text(target.get("DeadLetterConfig", {}).get("Arn", "")) != LETTERS:
                yield f"minutes that {text(target['Arn'])} did not get are lost"
        if it["Properties"]["ScheduleExpression"] != "rate(1 minute)":
            yield "a schedule is not each minute's"
    if found.keys() != {live(reader) for reader in READERS}:
        yield f"the minute calls {sorted(found)}"


def mails(subscriptions):
    found = [it["Properties"] for it in subscriptions]
    if {text(it["Endpoint"]) for it in found} != {live(reader) for reader in BY_MAILS}:
        yield "mails that come back are told to somebody else"
    for it in found:
        if text(it.get("RedrivePolicy", {}).get("deadLetterTargetArn", "")) != LETTERS:
            yield "mails that come back are lost when nobody takes them"


def calls(configs):
    found = {text(it["Properties"]["FunctionName"]): it["Properties"] for it in configs}
    if found.keys() != {f"${{{reader}}}" for reader in READERS}:
        yield f"calls that are given up are kept of {sorted(found)} only"
    for name, it in found.items():
        if text(it.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")) != LETTERS:
            yield f"calls that {name} gives up are lost"
        if it.get("Qualifier") != "live" or not it.get("MaximumRetryAttempts"):
            yield f"calls of {name} are not tried again"


def permissions(template):
    found = [it["Properties"] for it in template.of_type("AWS::Lambda::Permission").values()]
    for principal, called in (("events.amazonaws.com", READERS), ("sns.amazonaws.com", BY_MAILS)):
        may = {text(it["FunctionName"]) for it in found if it["Principal"] == principal and it.get("SourceArn")}
        if may != {live(name) for name in called}:
            yield f"{principal} may call {sorted(may)}"
    strangers = {it["Principal"] for it in found} - {"apigateway.amazonaws.com", "events.amazonaws.com", "sns.amazonaws.com"}
    if strangers:
        yield f"{sorted(strangers)} may call functions"


def letters(data):
    queue, batches = data["DeadLetters"]["Properties"], data["FailedBatches"]["Properties"]
    if queue["MessageRetentionPeriod"] != 14 * 24 * 60 * 60:
        yield "dead letters are not kept for 14 days"
    told = batches.get("NotificationConfiguration", {}).get("QueueConfigurations", [])
    if [(it["Event"], text(it["Queue"])) for it in told] != [("s3:ObjectCreated:*", "${DeadLetters.Arn}")]:
        yield "nobody hears of a batch that was given up"
    statements = data["DeadLettersPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    allowed = [it for it in statements if it["Effect"] == "Allow"]
    services = {service for it in allowed for service in as_list(it["Principal"]["Service"])}
    if services != {"s3.amazonaws.com", "sns.amazonaws.com", "events.amazonaws.com"}:
        yield f"{sorted(services)} may write to the dead letters"
    if any(not it.get("Condition") for it in allowed):
        yield "other accounts may write to the dead letters"
