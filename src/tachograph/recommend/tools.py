"""Command-line tools, from their usage alone: error-prone, slow, given up, and options that nobody finds.

None of these needs a bottleneck: they say where people, and not executions, lose time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tachograph.records import ToolUsage

_FEW: Final = 20  # uses of a command, or users of one, below which nothing is said
_ERRORS: Final = 0.05  # the target of the contract's key figure
_SLOW_MS: Final = 10_000.0  # beyond that people turn to something else (Nielsen 1993)
_RARE: Final = 0.1  # of a command's users
_SURE: Final = 1.645


@dataclass(frozen=True, slots=True)
class ToolDraft:
    """A proposed change to a command; `gain_pct` of its time, `points` of its success rate, with their intervals."""

    kind: str
    command: str
    title: str
    description: str
    steps: tuple[str, ...]
    hours: float
    points: float | None
    points_ci: tuple[float, float] | None
    gain_pct: float | None
    saved_s: float  # over the window


def tool_drafts(tools: Sequence[ToolUsage]) -> Iterator[ToolDraft]:
    """What is worth changing, the most used commands first."""
    for tool in tools:
        if tool.count >= _FEW:
            yield from _error_prone(tool)
            yield from _slow(tool)
            yield from _unused(tool)


def _error_prone(tool: ToolUsage) -> Iterator[ToolDraft]:
    rate, n = tool.error_rate or 0.0, tool.count
    error = _SURE * (rate * (1 - rate) / n) ** 0.5
    low, high = rate - error - _ERRORS, rate + error - _ERRORS
    if low <= 0:
        return
    given_up = f"; {tool.abandoned} sessions ended there" if tool.abandoned else ""
    yield ToolDraft(
        "error_prone", tool.command, f"Make {tool.command} fail less often",
        f"{tool.command} fails in {100 * rate:.0f} % of {n:,} uses, against a target of "
        f"{100 * _ERRORS:.0f} %{given_up}.",
        (
            f"See what it says when it fails: tachograph errors, and tachograph tools {tool.command}",
            f"Check the arguments of {tool.command} before it begins, and say in the message what to type instead",
            *(f"Look at {_again(tool)} first: that is what people do next" for _ in [0] if tool.sequences),
        ),
        6, 100 * (rate - _ERRORS), (100 * low, 100 * high), None,
        n * (rate - _ERRORS) * (tool.p50_ms or 0) / 1000,
    )  # fmt: skip


def _again(tool: ToolUsage) -> str:
    return " then ".join(tool.sequences[0].commands)


def _slow(tool: ToolUsage) -> Iterator[ToolDraft]:
    p50, p95 = tool.p50_ms or 0.0, tool.p95_ms or 0.0
    if p50 <= _SLOW_MS:
        return
    yield ToolDraft(
        "slow_command", tool.command, f"Bring {tool.command} below {_SLOW_MS / 1000:.0f} s",
        f"{tool.command} takes {p50 / 1000:.1f} s (median; p95 {p95 / 1000:.1f} s) in {tool.count:,} uses: longer than "
        "people wait without turning to something else.",
        (
            f"Find what it waits for in a typical execution of {tool.command}: tachograph report lists the slowest",
            f"Show progress in {tool.command}, and do in the background what its answer does not need",
        ),
        8, None, None, 100 * (1 - _SLOW_MS / p50), tool.count * (p50 - _SLOW_MS) / 1000,
    )  # fmt: skip


def _unused(tool: ToolUsage) -> Iterator[ToolDraft]:
    rare = [feature for feature in tool.features if (feature.adoption or 0.0) < _RARE]
    if tool.users < _FEW or not rare:
        return
    names = ", ".join(feature.option for feature in rare[:3])
    yield ToolDraft(
        "unused_feature", tool.command, f"Show or remove {names} of {tool.command}",
        f"Fewer than {100 * _RARE:.0f} % of {tool.users} users of {tool.command} use {names}.",
        (
            f"Name {names} in the examples of {tool.command} --help, where it saves time",
            f"Mark {names} as deprecated where it does not",
        ),
        3, None, None, None, 0.0,
    )  # fmt: skip
