"""The gateway: every page's path leads to the function that has it, and the gateway may call that function."""

import re
import tomllib

from stages import ROOT, text

INTEGRATIONS = "#/components/x-amazon-apigateway-integrations/"
ANY_METHOD = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"
# Whoever has no page of that name says so in the tenant's look.
WITHOUT_PAGE = "customer"


def functions_paths():
    """Path and function, as `cargo portal routes` wrote them into Cargo.toml out of the functions' own tables."""
    cargo = tomllib.loads((ROOT / "Cargo.toml").read_text())
    router = cargo["workspace"]["metadata"]["lambda"]["watch"]["router"]
    return {re.sub(r"\{\*(\w+)}", r"{\1+}", path): function for path, function in router.items()}


EXPECTED = functions_paths() | {"$default": WITHOUT_PAGE}


def objections(stage):
    api = stage.template.resources["Api"]["Properties"]["Body"]
    yield from wrong_routes(api)
    yield from wrong_integrations(stage, api)
    yield from missing_permissions(stage)
    yield from wrong_domains(stage, api)


def wrong_routes(api):
    for path in EXPECTED.keys() - api["paths"].keys():
        yield f"{path} of {EXPECTED[path]} is no route"
    for path, methods in api["paths"].items():
        if path not in EXPECTED:
            yield f"{path} is nobody's"
        elif set(methods) != {ANY_METHOD}:
            yield f"{path} is not for every method"
        elif methods[ANY_METHOD].get(INTEGRATION) != {"$ref": INTEGRATIONS + EXPECTED[path]}:
            yield f"{path} does not lead to {EXPECTED[path]}"


def wrong_integrations(stage, api):
    integrations = api["components"]["x-amazon-apigateway-integrations"]
    for name in set(EXPECTED.values()) - integrations.keys():
        yield f"{name} has no integration"
    for name, integration in integrations.items():
        absent = name == "sandbox-provider" and not stage.is_sandbox
        function = logical(WITHOUT_PAGE if absent else name)
        ending = f":lambda:path/2015-03-31/functions/${{{function}.Arn}}:live/invocations"
        if not integration["uri"].endswith(ending):
            yield f"the integration {name} does not lead to {function}"
        if (integration["type"], integration["payloadFormatVersion"]) != ("aws_proxy", "2.0"):
            yield f"the integration {name} speaks another format"
        if function not in stage.template.resources:
            yield f"there is no function {function}"


def missing_permissions(stage):
    permissions = stage.template.of_type("AWS::Lambda::Permission").values()
    gateway = [it["Properties"] for it in permissions if it["Properties"]["Principal"] == "apigateway.amazonaws.com"]
    may_call = {text(it["FunctionName"]) for it in gateway}
    called = {logical(name) for name in EXPECTED.values()} & stage.template.resources.keys()
    wanted = {f"${{{name}Aliaslive}}" for name in called}
    if may_call != wanted or len(gateway) != len(wanted):
        yield f"the gateway may call {sorted(may_call)} instead of {sorted(wanted)}"
    for it in gateway:
        if not it["SourceArn"].endswith(":${Api}/*"):
            yield f"another gateway than ours may call {text(it['FunctionName'])}"


def wrong_domains(stage, api):
    if api["servers"] != [{"x-amazon-apigateway-endpoint-configuration": {"disableExecuteApiEndpoint": True}}]:
        yield "the gateway answers at its own address too"
    base = stage.template.parameters["BaseDomain"]
    domains = stage.template.of_type("AWS::ApiGatewayV2::DomainName").values()
    if {it["Properties"]["DomainName"] for it in domains} != {base, f"*.{base}"}:
        yield "the domains are not the base domain and those right below it"
    for it in domains:
        (how,) = it["Properties"]["DomainNameConfigurations"]
        if (how["EndpointType"], how["SecurityPolicy"]) != ("REGIONAL", "TLS_1_2"):
            yield f"{it['Properties']['DomainName']} is not regional with TLS 1.2"


def logical(function):
    """`auth-otp` is `AuthOtp` in the template."""
    return "".join(part.capitalize() for part in function.split("-"))
