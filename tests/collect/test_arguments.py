"""Calls of tools that are decorated or named as entry points say whether they are the same call."""

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan

import tachograph
from tachograph import guard

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
    read("a", 5.0)
    read("a", True)
    read("a", 5, "more")
    read({"x": [1, b"2", None], "y": (3,)})
    read({"y": (3,), "x": [1, b"2", None]})
    read_too("a")
    read()
    one, two, *others, first, second, other, nothing = hashes(delivered)
    assert one == two is not None
    assert first == second
    assert len({one, first, other, nothing, *others}) == 7
    assert None not in (first, nothing, *others)


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
    """Not by its object; given nothing else, the object alone decides, of which nothing is known."""
    one, other = Shell(), Shell()
    one.run("ls")
    other.run("ls")
    Shell.run(one, "ls")
    one.run("pwd")
    one.run()
    Shell.ping("here")
    one.ping("here")
    same, again, unbound, another, nothing, ping, ping_too = hashes(delivered)
    assert same == again == unbound is not None
    assert another not in (None, same)
    assert nothing is None
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
