"""What schemathesis cannot know of the platforms: their tokens and signatures, and that a refusal is a code in a reply
with the status 200. The sandbox's URL is in SANDBOX."""

import hashlib
import json
import os
import time
import urllib.request

import jsonschema_rs
import schemathesis

SANDBOX = os.environ["SANDBOX"]
MINI_PROGRAM = {"appid": "wx1234567890abcdef", "secret": "sandbox-secret"}
COMPONENT = {
    "component_appid": "wxc000000000000001",
    "component_appsecret": "sandbox-secret",
    "component_verify_ticket": "ticket@@@sandbox",
}
POLYV = {"appId": "jb7Kq2Zx9T", "secret": "9f8e7d6c5b4a39281706f5e4d3c2b1a0", "secretkey": "JbSecret01", "userid": "a1b2c3d4e5"}
# More calls a minute would only be told that there are too many.
CALLS_A_MINUTE = 40

tokens = {"calls": 0}


def post(path, fields):
    request = urllib.request.Request(SANDBOX + path, json.dumps(fields).encode(), {"Content-Type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as reply:
        return json.load(reply)


def refresh():
    """The next minute of the sandbox, with tokens that are good in it: some calls replace them."""
    post("/_sandbox/clock", {"advance": 60})
    stable = post("/cgi-bin/stable_token", {"grant_type": "client_credential", **MINI_PROGRAM})
    component = post("/cgi-bin/component/api_component_token", COMPONENT)
    tokens.update(access_token=stable["access_token"], component_access_token=component["component_access_token"])


def signed(scheme, fields):
    """Polyv: every field that is not empty, sorted by name."""
    account = {"appId": POLYV["appId"], "timestamp": None} if scheme == "polyv_v3" else {"ptime": None}
    clock = json.load(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(SANDBOX + "/_sandbox/clock"))
    moment = str(clock["now"] * 1000)
    fields = {name: value for name, value in fields.items() if name not in ("sign", "timestamp", "ptime", "appId")}
    fields |= {name: value or moment for name, value in account.items()}
    taken = sorted((name, str(value)) for name, value in fields.items() if value not in ("", None))
    if scheme == "polyv_v3":
        text = POLYV["secret"] + "".join(name + value for name, value in taken) + POLYV["secret"]
        fields["sign"] = hashlib.md5(text.encode()).hexdigest().upper()
    else:
        text = "&".join(f"{name}={value}" for name, value in taken) + POLYV["secretkey"]
        fields["sign"] = hashlib.sha1(text.encode()).hexdigest().upper()
    return fields


def scheme_of(case):
    document = case.operation.schema.raw_schema
    security = case.operation.definition.raw.get("security", document.get("security", []))
    return next(iter(security[0]), None) if security else None


@schemathesis.hook
def before_call(context, case, kwargs):
    scheme = scheme_of(case)
    if tokens["calls"] % CALLS_A_MINUTE == 0:
        refresh()
    tokens["calls"] += 1
    if scheme in tokens:
        case.query = {**(case.query or {}), scheme: tokens[scheme]}
    elif scheme and isinstance(case.body, dict):
        case.body = signed(scheme, case.body)
    elif scheme:
        case.query = signed(scheme, dict(case.query or {}))


@schemathesis.check
def refusals_follow_the_document(context, response, case):
    """What fits the document is not refused for its shape, and what does not fit is refused."""
    media_type = dict(response.request.headers).get("Content-Type", "").split(";")[0]
    if "json" not in response.headers.get("content-type", [""])[0] or not is_documented(media_type, case):
        return
    envelope = case.operation.definition.raw.get("x-juben-envelope", document(case)["x-juben-envelope"])
    reply = response.json()
    worked = reply.get(envelope["code"], envelope["success"]) in (envelope["success"], str(envelope["success"]))
    try:
        misfit = misfit_of(case, response.request.body)
    except Unsure:
        return
    if misfit and worked and case.path not in GENTLER:
        raise AssertionError(f"the document forbids this request ({misfit}), but it was not refused: {str(reply)[:200]}")
    # JSON Schema counts characters; a limit of bytes is only ours.
    if not misfit and "argument error" in str(reply) and "bytes are more than" not in str(reply):
        raise AssertionError(f"the document allows this request, but it was refused: {str(reply)[:200]}")


# The catalog advises 30 grants a page; the sandbox takes 100, as the older manual says.
GENTLER = {"/wxa/book/querybookauth"}


def document(case):
    return case.operation.schema.raw_schema


def is_documented(media_type, case):
    """The platforms look at the body, whatever it is called: nothing follows from a wrong name."""
    content = case.operation.definition.raw.get("requestBody", {}).get("content", {})
    return not content or media_type in content


def misfit_of(case, sent):
    """Why a request does not fit the document, read by another validator than the one that made it."""
    raw = case.operation.definition.raw
    given = {"query": case.query or {}, "path": case.path_parameters or {}, "header": case.headers or {}}
    for parameter in [resolved(it, case) for it in raw.get("parameters", [])]:
        name = parameter["name"]
        required = [name] if parameter.get("required") else []
        schema = {"type": "object", "properties": {name: parameter["schema"]}, "required": required}
        misfit = misfit_of_form(given.get(parameter["in"], {}), schema, case, b"")
        if misfit:
            return misfit
    media = raw.get("requestBody", {}).get("content", {}).get(case.media_type)
    if media is None:
        return None
    if case.media_type == "application/json":
        return misfit_of_value(case.body, media["schema"], case)
    return misfit_of_form(case.body if isinstance(case.body, dict) else {}, media["schema"], case, sent)


def misfit_of_form(fields, schema, case, sent):
    """Of fields that are sent as text. An empty one is as good as none."""
    schema = resolved(schema, case)
    properties = {name: resolved(field, case) for name, field in schema.get("properties", {}).items()}
    given = {name: of_text(fields[name], field) for name, field in properties.items() if fields.get(name, "") != ""}
    # Where the generator keeps the files is its own affair: they are looked up in what was sent.
    files = [name for name, field in properties.items() if field.get("format") == "binary"]
    given |= {name: "file" for name in files if f'name="{name}"'.encode() in (sent or b"")}
    return misfit_of_value(given, {**schema, "properties": properties}, case)


def of_text(value, schema):
    kinds = schema.get("type", [])
    if isinstance(value, (list, dict, bytes, type(None))):
        raise Unsure
    if isinstance(value, str) and "string" not in kinds:
        if "integer" in kinds and value.removeprefix("-").isascii() and value.removeprefix("-").isdigit():
            return whole(int(value))
        return {"true": True, "false": False}.get(value, value) if "boolean" in kinds else value
    return whole(value)


def whole(value):
    if isinstance(value, int) and abs(value) >= 2**63:
        raise Unsure
    return value


class Unsure(Exception):
    """The document does not say: numbers beyond 64 bits, fields that are sent twice or as `null`."""


def misfit_of_value(value, schema, case):
    if not isinstance(value, (dict, list, str, int, float, bool, type(None))):
        return "it is no JSON"
    schema = {**schema, "components": document(case).get("components", {})}
    errors = jsonschema_rs.validator_for(schema).iter_errors(value)
    return next((f"{'.'.join(map(str, it.instance_path))}: {it.message}" for it in errors), None)


def resolved(part, case):
    while "$ref" in part:
        found = document(case)
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part
