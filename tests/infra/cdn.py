"""The CDN: what the portal believes of a request is written here, and no tenant's answer is given to another."""

from stages import text

WRITTEN = ["x-kk-host", "x-kk-client"]
# Paths and queries hold tokens, these headers sessions, keys and addresses again.
UNWRITTEN = [
    {"UriPath": {}},
    {"QueryString": {}},
    {"SingleHeader": {"Name": "cookie"}},
    {"SingleHeader": {"Name": "authorization"}},
    {"SingleHeader": {"Name": "referer"}},
]
# Rules of the firewall: whether each holds requests up.
RULES = {"too-many": True, "common": False, "bad-inputs": True}


def objections(stage):
    resources = {name: it.get("Properties", {}) for name, it in stage.edge.resources.items()}
    yield from distribution(stage, resources)
    yield from kept(resources)
    yield from headers(resources)
    yield from firewall(resources)


def distribution(stage, resources):
    it = resources["Distribution"]["DistributionConfig"]
    if it.get("ConnectionMode") != "tenant-only":
        yield "the distribution is one domain's"
    if text(it.get("WebACLId", "")) != "${Firewall.Arn}":
        yield "the distribution has no firewall"
    (origin,) = it["Origins"]
    secret = [{"HeaderName": "x-kk-edge", "HeaderValue": stage.edge.parameters["EdgeSecret"]}]
    if origin.get("OriginCustomHeaders") != secret:
        yield "the portal cannot know that it was asked through the CDN"
    if origin["CustomOriginConfig"]["OriginProtocolPolicy"] != "https-only":
        yield "the gateway is asked over http"
    behaviours = [it["DefaultCacheBehavior"], *it["CacheBehaviors"]]
    wanted = [(None, "${Pages}", "${PassedOn}"), ("/assets/*", "${Assets}", "")]
    policies = ("CachePolicyId", "OriginRequestPolicyId")
    if [(one.get("PathPattern"), *(text(one.get(policy, "")) for policy in policies)) for one in behaviours] != wanted:
        yield "other paths are kept than the assets"
    for one in behaviours:
        yield from behaviour(one)
    if not resources["Domains"]["Enabled"]:
        yield "domains lead nowhere"


def behaviour(it):
    associations = [(one["EventType"], text(one["FunctionARN"])) for one in it.get("FunctionAssociations", [])]
    if associations != [("viewer-request", "${Arrival.FunctionMetadata.FunctionARN}")]:
        yield "host and client are what a request claims"
    if it["ViewerProtocolPolicy"] != "redirect-to-https" or text(it.get("ResponseHeadersPolicyId", "")) != "${Headers}":
        yield "it may be asked over http"


def kept(resources):
    assets, pages = (resources[name]["CachePolicyConfig"] for name in ("Assets", "Pages"))
    key = assets["ParametersInCacheKeyAndForwardedToOrigin"]
    if key["HeadersConfig"] != {"HeaderBehavior": "whitelist", "Headers": ["x-kk-host"]}:
        yield "tenants share what is kept"
    if pages["MaxTTL"] != 0:
        yield "pages are kept"
    passed_on = resources["PassedOn"]["OriginRequestPolicyConfig"]["HeadersConfig"]
    if passed_on != {"HeaderBehavior": "allExcept", "Headers": ["host"]}:
        yield "the gateway is asked for a host that it does not have"


def headers(resources):
    arrival = resources["Arrival"]
    if arrival["FunctionConfig"]["Runtime"] != "cloudfront-js-2.0" or not arrival["AutoPublish"]:
        yield "the function is another one"
    for name in WRITTEN:
        if f"request.headers['{name}'] = " not in arrival["FunctionCode"]:
            yield f"{name} is what a request claims"
    added = resources["Headers"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    if set(added) != {"StrictTransportSecurity"} or added["StrictTransportSecurity"]["Override"]:
        yield "the portal's own headers do not win"


def firewall(resources):
    rules = resources["Firewall"]["Rules"]
    holding = {it["Name"]: it.get("Action") == {"Block": {}} or it.get("OverrideAction") == {"None": {}} for it in rules}
    if holding != RULES:
        yield f"the firewall's rules are {holding}"
    logging = resources["FirewallLogging"]
    if logging["RedactedFields"] != UNWRITTEN:
        yield "the firewall writes what nobody may read"
    if logging["LoggingFilter"]["DefaultBehavior"] != "DROP" or not resources["FirewallLogs"]["RetentionInDays"]:
        yield "the firewall writes everything, or for ever"
