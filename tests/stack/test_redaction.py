"""Golden: secrets of every kind go in, wherever text may stand in a span or log record, and none comes out."""

import json
from typing import Any

import pytest
from collectors import StartCollector, request_of
from programs import until

_LETTERS = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3hJ6kL9n"
# Put together here, so that no scanner takes this file for a leak.
SECRETS = {
    "aws key": "AKIA" + "IOSFODNN7EXAMPLE",
    "github token": "ghp_" + _LETTERS[:36],
    "github fine-grained": "github_pat_" + _LETTERS,
    "gitlab token": "glpat-" + _LETTERS[:20],
    "openai key": "sk-proj-" + _LETTERS,
    "anthropic key": "sk-ant-api03-" + _LETTERS,
    "stripe key": "sk_live_" + _LETTERS[:24],
    "slack token": "xoxb-" + "123456789012-" + _LETTERS[:24],
    "slack hook": "https://hooks.slack.com/services/T00000000/B00000000/" + _LETTERS[:24],
    "google key": "AIza" + _LETTERS[:35],
    "google token": "ya29." + _LETTERS,
    "hugging face": "hf_" + _LETTERS[:34],
    "npm": "npm_" + _LETTERS[:36],
    "pypi": "pypi-" + _LETTERS,
    "sendgrid": "SG." + _LETTERS[:22] + "." + _LETTERS,
    "jwt": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + _LETTERS,
    "bearer": "Authorization: Bearer " + _LETTERS,
    "basic": "authorization=Basic " + _LETTERS[:24] + "==",
    "private key": "-----BEGIN RSA PRIVATE KEY-----\n" + _LETTERS + "\n-----END RSA PRIVATE KEY-----",
    "openssh key": "-----BEGIN OPENSSH PRIVATE KEY-----\n" + _LETTERS + "\n" + _LETTERS,
    "password in an address": "postgres://app:" + _LETTERS[:12] + "@db.internal:5432/app",
    "assignment": "export DB_PASSWORD=" + _LETTERS[:12],
    "json": '{"api_key": "' + _LETTERS[:16] + '"}',
    "option": "deploy --token " + _LETTERS[:16] + " now",
    "groq": "gsk_" + _LETTERS,
    "vault": "hvs." + _LETTERS * 2,
    "databricks": "dapi" + "0123456789abcdef" * 2,
    "mailgun": "key-" + "0123456789abcdef" * 2,
    "telegram": "123456789:AA" + _LETTERS[:33],
    "discord hook": "https://discord.com/api/webhooks/123456789012345678/" + _LETTERS,
    "other scheme": "Authorization: Token " + _LETTERS[:20],
    "cookie": "Cookie: sid=" + _LETTERS[:24],
    "token in an address": "https://" + _LETTERS[:32] + "@errors.example.com/42",
    "key in a query": "https://example.com/v1?key=" + _LETTERS[:20] + "&page=2",
    "signature in a query": "https://example.com/o?X-Amz-Signature=" + "0123456789abcdef" * 4,
    "list of arguments": "['app', '--api-key', '" + _LETTERS[:14] + "', '--force']",
    "json in json": '{"body": "{\\"client_secret\\": \\"' + _LETTERS[:20] + '\\"}"}',
    "netrc": "machine example.com login someone password " + _LETTERS[:14],
    "curl": "curl -u someone:" + _LETTERS[:14] + " https://example.com",
    "mysql": "mysql -u root -p" + _LETTERS[:14] + " app",
    "azure": "DefaultEndpointsProtocol=https;AccountKey=" + _LETTERS + "==",
}
# What of it must not be seen.
_SECRET_PARTS = (_LETTERS[:12], "0123456789abcdef" * 2, "IOSFODNN7EXAMPLE", "eyJzdWIiOiIxMjM0NTY3ODkwIn0")
KEYS = (
    *("password", "db.password", "PASSWORD", "user_passwd", "client_secret", "clientSecret", "api_key", "apikey"),
    *("x-api-key", "openai.api_key", "aws.secret_access_key", "access_token", "refresh-token", "id_token"),
    *("authorization", "http.request.header.authorization", "http.request.header.cookie", "set-cookie"),
    *("private_key", "credentials", "connection_string", "session_token", "auth.token", "encryption-key", "passphrase"),
)
KEPT = {
    "gen_ai.usage.input_tokens": 12,
    "dev_agency.tokens.total": 12,
    "gen_ai.request.max_tokens": 100,
    "session.id": "5f0c9d",
    "user.id": "0123456789abcdef",
    "dev_agency.call.hash": "d41d8cd98f00b204",
    "dev_agency.command.options": ["--token-count", "--secretary"],
    "server.address": "https://example.org/a:b@c",
    "code.revision": "3f786850e387550fdab836ed7e6dc881de23001b",
    "url.full": "https://example.org/search?keyword=token&page=2#key",
    "command": "git -C /srv/app commit -u -m 'password reset mail' && make -p",
    "message": "429 Too Many Requests: 5 tokens left, key not found",
}


def _everywhere(secret: str) -> dict[str, Any]:
    """A span with the text wherever text may stand."""
    event = {"name": "exception", "timeUnixNano": "1763800000000000000"}
    return {
        "name": f"say {secret}",
        "attributes": {"exact": secret, "within": f"before {secret} after", "list": ["x", secret], "k": {"k": secret}},
        "events": [{**event, "attributes": {"exception.message": f"failed: {secret}"}}],
        "status": {"code": 2, "message": f"failed: {secret}"},
    }


@pytest.mark.parametrize("configuration", ["agent.yaml"])
def test_no_secret_passes(collector: StartCollector, configuration: str) -> None:
    """Neither by the shape of a value nor under the key that names it, in spans, events, status, names and logs."""
    running = collector(configuration)
    keyed = {"name": "keyed", "attributes": {**dict.fromkeys(KEYS, "plainvalue" + _LETTERS[:12]), "pin": 1}}
    spans = [_everywhere(secret) for secret in SECRETS.values()]
    request = request_of(*spans, keyed, {"name": "kept", "attributes": KEPT})
    _around(request["resourceSpans"][0])
    assert running.send(request) == 200
    records = [_record(secret) for secret in SECRETS.values()]
    logs = {"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}
    assert running.send(logs, "logs") == 200
    until("all is written", lambda: len(running.spans()) == len(spans) + 2 and len(running.logs()) == len(records))
    written = running.written.read_text()
    seen = [kind for kind, secret in SECRETS.items() if json.dumps(secret)[1:-1] in written]
    assert seen == []
    assert [part for part in _SECRET_PARTS if part in written] == []
    kept = next(span for span in running.spans() if span["name"] == "kept")
    assert {key: kept["attributes"][key] for key in KEPT} == KEPT


def _around(resource: dict[str, Any]) -> None:
    """Secrets on what the spans belong to: the resource and the scope."""
    secrets = [{"key": kind, "value": {"stringValue": secret}} for kind, secret in SECRETS.items()]
    resource["resource"]["attributes"] += secrets
    resource["scopeSpans"][0]["scope"]["attributes"] = secrets


def _record(secret: str) -> dict[str, Any]:
    attribute = {"key": "said", "value": {"stringValue": secret}}
    return {
        "timeUnixNano": "1763800000000000000",
        "body": {"stringValue": f"it is {secret}"},
        "attributes": [attribute],
    }
