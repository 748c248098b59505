"""Networks and hosts."""

from collections.abc import Iterator, Mapping

from tachograph.measure.replay import Runs
from tachograph.recommend.draft import Draft, of
from tachograph.records import BottleneckDetection


def wait_less(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Be refused less, and wait no longer than was asked for."""
    if finding.remedy.get("part") != "blocked":
        return
    server = finding.remedy.get("server") or "the model's endpoint"
    who = ", ".join(name for name in finding.affected_components[:3] if name != server)
    yield of(
        finding, "wait_less", f"Get refused less by {server}, and wait only as long as it asks", 6,
        f"Raise the quota of {server}, or spread the calls of {who} over a second endpoint",
        f"Limit the calls to {server} at once to what its quota allows for",
        "Wait as long as Retry-After says, with a little jitter, instead of longer each time",
        about=server,
    )  # fmt: skip


def change_server(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Leave out the slow one of several servers."""
    facts = finding.remedy
    called = facts.get("model") or facts.get("tool")
    if not called or facts.get("part") is not None:
        return
    yield of(
        finding, "change_server", f"Take {facts['server']} out of the rotation for {called}", 2,
        f"Send the calls of {called} to its other servers",
        "Keep connections open between calls",
    )  # fmt: skip


def second_server(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Ask another endpoint at times when the usual one is slow."""
    facts = finding.remedy
    if "model" not in facts or facts.get("part") != "times":
        return
    model, server = facts["model"], facts.get("server") or "its server"
    yield of(
        finding, "second_server", f"Ask a second endpoint for {model} when {server} is slow", 6,
        f"Give calls of {model} a timeout of twice what they take at good times",
        f"Send what timed out to another endpoint, and go back to {server} once it is quick again",
    )  # fmt: skip


def cache_calls(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Ask a slow server less often."""
    facts = finding.remedy
    if "tool" not in facts:
        return
    tool, server = facts["tool"], facts.get("server") or "its server"
    yield of(
        finding, "cache_calls", f"Cache what {tool} fetches from {server}", 6,
        f"Keep the answers of {tool} by its arguments, as long as {server} says that they are valid",
        f"Ask {server} once for many things, and go on with other work meanwhile",
    )  # fmt: skip


def more_memory(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Give the host memory, or take less of it."""
    yield from _host(finding, "memory", "Add memory to the host, or lower the memory limit of what else runs on it")


def more_processors(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Give the host processors, or ask less of them at once."""
    yield from _host(finding, "processors", "Add processors to the host, or start less on it at once")


def _host(finding: BottleneckDetection, what: str, first: str) -> Iterator[Draft]:
    names = ", ".join(finding.affected_components[:3])
    yield of(
        finding, f"more_{what}", f"Relieve the host of {names}: it is short of {what}", 6,
        first,
        f"Keep {names} away from the busiest hours of their host",
        f"Watch the pressure: the host's figures are on the spans of {finding.affected_components[0]}",
        about=what,
    )  # fmt: skip
