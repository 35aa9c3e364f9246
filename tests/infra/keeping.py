"""What is kept: data outlive stacks, are encrypted and versioned; lines of logs end."""

from stages import as_list, text

PRIVATE = {"BlockPublicAcls": True, "BlockPublicPolicy": True, "IgnorePublicAcls": True, "RestrictPublicBuckets": True}


def objections(stage):
    yield from retention(stage)
    yield from table(stage, stage.data.resources["Table"]["Properties"])
    yield from buckets(stage)
    yield from logs(stage)


def retained(resource):
    return resource.get("DeletionPolicy") == resource.get("UpdateReplacePolicy") == "Retain"


def retention(stage):
    (nested,) = (
        it
        for it in stage.template.of_type("AWS::CloudFormation::Stack").values()
        if it["Properties"]["TemplateURL"].endswith("/data.yaml")
    )
    if not retained(nested):
        yield "the data go with the functions"
    for name, resource in stage.data.resources.items():
        if not retained(resource):
            yield f"{name} goes with its stack"


def table(stage, it):
    key = stage.template.parameters["KmsKeyArn"]
    encryption = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key} if key else {"SSEEnabled": False}
    for setting, wanted in {
        "DeletionProtectionEnabled": True,
        "BillingMode": "PAY_PER_REQUEST",
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
        "SSESpecification": encryption,
    }.items():
        if it.get(setting) != wanted:
            yield f"the table's {setting} is {it.get(setting)}"
    if [index["IndexName"] for index in it["GlobalSecondaryIndexes"]] != ["lists", "todo"]:
        yield "the table has other indexes"


def buckets(stage):
    key = stage.template.parameters["KmsKeyArn"]
    policies = stage.data.of_type("AWS::S3::BucketPolicy").values()
    guarded = {text(it["Properties"]["Bucket"]) for it in policies if is_tls_only(it)}
    for name, bucket in stage.data.of_type("AWS::S3::Bucket").items():
        it = bucket["Properties"]
        if it.get("PublicAccessBlockConfiguration") != PRIVATE or f"${{{name}}}" not in guarded:
            yield f"{name} is not private and TLS only"
        if it.get("VersioningConfiguration") != {"Status": "Enabled"}:
            yield f"{name} keeps no versions"
        (rule,) = it["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        if rule["ServerSideEncryptionByDefault"].get("KMSMasterKeyID", "") != key:
            yield f"{name} is encrypted with another key"
    if stage.data.resources["Bucket"]["Properties"].get("ObjectLockEnabled") is not True:
        yield "no file can be locked"


def is_tls_only(policy):
    statements = as_list(policy["Properties"]["PolicyDocument"]["Statement"])
    return any(
        it["Effect"] == "Deny" and it["Principal"] == "*" and it.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        for it in statements
    )


def logs(stage):
    groups = stage.template.of_type("AWS::Logs::LogGroup")
    wanted = {f"{name}Logs" for name in stage.template.of_type("AWS::Lambda::Function")} | {"AccessLogs"}
    if groups.keys() != wanted:
        yield f"the log groups are {sorted(groups)}"
    for name, group in groups.items():
        it, parameters = group.get("Properties", {}), stage.template.parameters
        if it.get("RetentionInDays") != parameters["LogDays"]:
            yield f"{name} is kept for ever"
        if it.get("KmsKeyId", "") != parameters["KmsKeyArn"]:
            yield f"{name} is encrypted with another key"
