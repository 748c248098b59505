"""Calls of tools that are decorated or named as entry points say whether they are the same call."""

import json
from collections.abc import Iterator
from hashlib import blake2b
from types import MappingProxyType
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan

import tachograph
from tachograph import guard
from tachograph.redaction import content

HASH = "dev_agency.call.hash"


@tachograph.tool("read_file")
def read(path: Any = None, limit: Any = 10, *more: Any, **options: Any) -> None:
    """Takes anything."""


@tachograph.tool("read_file_too")
def read_too(path: Any) -> None:
    """Another tool."""


@tachograph.agent("reader")
def agent(path: str) -> None:
    """No tool."""


class Shell:
    """A tool's object."""

    @tachograph.tool("run")
    def run(self, *command: str) -> None:
        """A method."""

    @staticmethod
    @tachograph.tool("ping")
    def ping(host: str) -> None:
        """None."""


def hashes(spans: list[ReadableSpan]) -> list[Any]:
    """What was recorded, in order."""
    return [(span.attributes or {}).get(HASH) for span in spans]


def test_the_same_arguments_have_the_same_hash(delivered: list[ReadableSpan]) -> None:
    """By position or by name, in whatever order; any other value, type or tool is another call."""
    read("a", 5)
    read(limit=5, path="a")
    read('Zoë\n"')
    read(path='Zoë\n"')
    read("a", 5.0)
    read("a", True)
    read("a", 5, "more")
    read({"x": [1, b"2", None], "y": (3,)})
    read({"y": (3,), "x": [1, b"2", None]})
    read_too("a")
    one, two, alone, named, *others, first, second, other = hashes(delivered)
    assert one == two is not None
    assert alone == named is not None
    assert first == second
    assert len({one, alone, first, other, *others}) == 7
    assert None not in (first, other, *others)


def test_what_is_given_nothing_has_no_hash(delivered: list[ReadableSpan]) -> None:
    """What it does depends on something else: calls of it are not the same call made again."""
    read()
    Shell().run()
    Shell.run(Shell())
    assert hashes(delivered) == [None] * 3


def test_the_hash_is_that_of_the_text_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever way the text is made, for processes of other versions are compared with it."""
    monkeypatch.setattr(content, "_keyed", [])
    salt = b"one installation"
    content._keyed.append(content.blake2b(key=salt, digest_size=16))
    for given in (
        {}, {"path": 'Zoë\n"\ud800'}, {"b": 1, "a": True, "c": None, "ä": -(2**70)}, {"a": .5}, {"a": [1, {"b": b"2"}]},
        {"a": (), "b": float("nan")}, [1, "a"], 5, None, {1: "a"}, MappingProxyType({"a": "b"}),
    ):  # fmt: skip
        said = json.dumps(given, sort_keys=True, default=repr)
        expected = blake2b(f"read\0{said}".encode("utf-8", "replace"), key=salt, digest_size=16)
        assert content.call_hash({"gen_ai.tool.name": "read"}, given) == expected.hexdigest()


def _endless() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


class Sly(str):
    """Says of itself what it likes."""

    def __len__(self) -> int:
        raise RuntimeError

    __repr__ = __str__ = __len__  # type: ignore[assignment]


@pytest.mark.parametrize(
    "argument",
    [
        object(), [object()], {1: "a"}, {"a": {2}}, Sly("a"), "x" * 20_000, [0] * 20_000, 1 << 100_000, _endless(),
        {"a": [["x" * 6_000], ["x" * 6_000]]},
    ],
    ids=lambda argument: type(argument).__name__,
)  # fmt: skip
def test_what_is_not_plain_or_not_small_has_no_hash(
    delivered: list[ReadableSpan], argument: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """An address would make each call another one, and a text of its own may cost or say anything; nobody is told."""
    guard._told.clear()
    read(argument)
    read(path="a", other=argument)
    assert hashes(delivered) == [None, None]
    assert not caplog.records


def test_a_method_is_known_by_what_it_is_given(delivered: list[ReadableSpan]) -> None:
    """Not by its object."""
    one, other = Shell(), Shell()
    one.run("ls")
    other.run("ls")
    Shell.run(one, "ls")
    one.run("pwd")
    Shell.ping("here")
    one.ping("here")
    same, again, unbound, another, ping, ping_too = hashes(delivered)
    assert same == again == unbound is not None
    assert another not in (None, same)
    assert ping == ping_too is not None


def test_only_tools_have_one(delivered: list[ReadableSpan]) -> None:
    """An agent that gets the same task again is no call made again; a block has no arguments."""
    agent("a")
    with tachograph.tool("block"):
        pass
    assert hashes(delivered) == [None, None]


def test_a_change_meanwhile_does_not_reach_the_host(
    delivered: list[ReadableSpan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where hashing fails there is none, and the call is made."""

    def fails(*_: Any) -> Iterator[Any]:
        raise RuntimeError("dictionary changed size during iteration")

    monkeypatch.setattr("tachograph.redaction.content.call_hash", fails)
    read("a")
    assert hashes(delivered) == [None]
