"""Secrets are recognised by what they look like and by what they are called; all else survives."""

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secret_samples import SAMPLES, pieces

from tachograph import redaction

SENTENCES = ("{}", "request failed: {}", "got ({}) from the server, try again", "first line\n{}\nlast line", "'{}'")


def test_there_are_enough_kinds() -> None:
    """At least forty, or the list says too little."""
    assert len(SAMPLES) >= 40


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_secret_is_taken_out_of_any_text(kind: str) -> None:
    """Alone, in a sentence, in parentheses, between lines, in quotes; what stands around it stays."""
    said, secret = SAMPLES[kind]
    for sentence in SENTENCES:
        found = redaction.text(sentence.format(said))
        assert redaction.REDACTED in found
        assert not [piece for piece in pieces(secret) if piece in found], found
    before, after = SENTENCES[3].split("{}")
    assert redaction.text(SENTENCES[3].format(said)).startswith(before)
    assert redaction.text("a " + said + after).endswith("last line")


@pytest.mark.parametrize(
    "text",
    [
        "d670460b4b4aece5915caf5c68d12f560a9fe3e4",
        "commit d670460b4b4aece5915caf5c68d12f560a9fe3e4 (HEAD -> main)",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "/usr/lib/python3.11/site-packages/opentelemetry/sdk/trace/__init__.py:123",
        "C:\\Program Files\\Python311\\Lib\\site-packages\\token.py",
        "src/components/Header/ButtonGroup/index2.tsx",
        "claude-sonnet-4-5-20250929",
        "gpt-4o-mini-2024-07-18",
        "sk-learn, scikit-learn, task-runner, risk-assessment",
        "meta-llama/Llama-3.1-70B-Instruct",
        "password = get_password()",
        "self.token = token",
        "connect(user=user, password=password, token=self.token)",
        "def login(password: str, api_key: str | None = None) -> Token:",
        "Unexpected token: }",
        "SyntaxError: unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
        "KeyError: 'api_key'",
        "argument --token: expected one argument",
        "the option --password is required",
        "Missing option '--api-key'.",
        "invalid password: must have eight characters",
        "input_tokens=1200 output_tokens=34 max_tokens: 4096 token_type=input",
        "keyboard=qwerty monkey: banana author=Bob",
        "PWD=/srv/app",
        "https://github.com/someone/project/blob/main/README.md?plain=1#L10",
        "git@github.com:someone/project.git",
        "someone@example.com wrote at 2026-11-22T20:27:45Z",
        "http://localhost:4318/v1/traces",
        "FileNotFoundError: [Errno 2] No such file or directory: '/tmp/x/config.json'",
        "primary_key=id sort_key: name",
        "invalid password: required",
        "Bearer authentication. Basic authentication.",
        "please login with a password or use mysql -p",
        "basic auth failed, bearer authentication expected",
        "expected ')' at line 3: 'for x in range(10'",
        "eyes, keys and tokens",
    ],
)
def test_ordinary_text_survives(text: str) -> None:
    """The very same object comes back: shas, ids, paths, models, code, sentences about secrets."""
    assert redaction.text(text) is text


@given(st.uuids())
def test_ids_survive(id: uuid.UUID) -> None:
    """With and without dashes."""
    assert redaction.text(f"run {id} {id.hex}") == f"run {id} {id.hex}"


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "db.password",
        "userPassword",
        "API_KEY",
        "x-api-key",
        "http.request.header.authorization",
        "client_secret",
        "http.request.header.set-cookie",
        "aws.secret_access_key",
        "accessToken",
        "slack.token",
        "session_key",
        "sentry.dsn",
        "connection_string",
        "private_key",
        "gcp.credentials",
        "OPENAI_API_KEY",
        "azure.account_key",
        "signature",
    ],
)
def test_the_name_alone_makes_a_secret(name: str) -> None:
    """Whatever the value looks like, alone or in a list; numbers under any name are numbers."""
    cleaned = redaction.clean({name: "plain", "n": ("a", "b")})
    assert cleaned[name] == redaction.REDACTED
    assert redaction.clean({name: ("one", "two")})[name] == redaction.REDACTED
    assert redaction.clean({name: 7})[name] == 7


def test_the_contracts_own_names_are_left_alone() -> None:
    """Token counts, sessions and users are no secrets; the same object says that nothing was changed."""
    attributes: dict[str, Any] = {
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.output_tokens": "12",
        "dev_agency.tokens.total": 3,
        "dev_agency.token_efficiency": 0.5,
        "token_type": "cache_read",
        "session.id": "9de0532b1de0532b",
        "user.id": "1de0532b1de0532b",
        "gen_ai.request.max_tokens": "4096",
        "dev_agency.step.depends_on": ("find", "fix"),
        "dev_agency.artifact.written": ("src/keys.py",),
        "cache.partition_key": "eu",
        "http.route": "/v1/tokens",
    }
    assert redaction.clean(attributes) is attributes


def test_values_inside_of_values_are_cleaned() -> None:
    """In lists, maps and bytes; what holds itself, and what is nested too deep, is cut."""
    said, secret = SAMPLES["GitHub personal token"]
    deep: dict[str, Any] = {"x": "bottom"}
    for _ in range(100):
        deep = {"x": deep}
    attributes = {
        "list": ("fine", f"see {said}"),
        "map": {"a": {"password": "plain"}},
        "bytes": said.encode(),
        "deep": deep,
    }
    found = repr(redaction.clean(attributes))
    assert secret not in found
    assert "plain" not in found
    assert "bottom" not in found
    assert "fine" in found


def test_a_command_line_keeps_the_names_of_its_options() -> None:
    """No value of an option, no argument."""
    cleaned = redaction.clean({"process.command_args": ("python", "--issue", "hush", "--to=hush", "hush", "-pHush")})
    assert cleaned["process.command_args"] == (
        "python",
        "--issue",
        "[redacted]",
        "--to=[redacted]",
        "[redacted]",
        "[redacted]",
    )
    assert redaction.clean({"process.command_line": "app --to hush"}) == {"process.command_line": "app --to [redacted]"}


def test_a_string_of_a_strange_class_is_a_string() -> None:
    """Whatever its own methods do."""

    class Strange(str):
        def __len__(self) -> int:
            raise RuntimeError("no length")

        def __eq__(self, other: object) -> bool:
            raise RuntimeError("no equality")

        def __hash__(self) -> int:
            raise RuntimeError("no hash")

    said, secret = SAMPLES["GitHub personal token"]
    assert secret not in str(redaction.clean({"x": Strange(said)})["x"])


PARTS = """
sk- eyJ- - --a- password password= :// ://a: a@ token=" token \\ AKIA A1b &key= bearer cookie: = M token={ token=({[ SG.
A_KEY= pass_ _ -----BEGIN-PRIVATE-KEY----- authorization:-bearer- PuTTY-User-Key-File-2 ?sig= x.y- 0123456789:
"""
HOSTILE = [" ", "password ", "bearer ", "--a ", *PARTS.split(), "-----BEGIN PRIVATE KEY-----"]


@pytest.mark.parametrize("part", sorted(set(HOSTILE)))
def test_hostile_text_takes_linear_time(part: str) -> None:
    """A megabyte is done, which it would not be in a lifetime if any pattern went back and forth over it."""
    redaction.text(part * (1_000_000 // len(part)))


@given(st.text(alphabet="sk-_=:\"'\\@/.?&;{}[]() \npassword token AKIA0123456789", max_size=200))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    """What was taken out leaves nothing behind that would be taken for a secret."""
    once = redaction.text(text)
    assert redaction.text(once) == once


def test_what_is_remembered_is_bounded() -> None:
    """A million distinct texts and names leave no more behind than a few thousand."""
    from tachograph.redaction import names, values

    for number in range(20_000):
        redaction.clean({f"name.{number}": f"text number {number}"})
    assert len(values.known_clean) <= 4_096
    assert len(names.verdicts) <= 4_096
