"""Tables of commands, of error patterns and of conditions for people to read."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from tachograph.present.as_json import moment
from tachograph.present.numbers import NOTHING, count, duration, share
from tachograph.present.tables import rate, table
from tachograph.present.words import word
from tachograph.records import Condition, ErrorPattern, ToolUsage

_CONDITIONS = {"version": "version", "complexity": "complexity", "context_size": "context size (tokens)"}

# As much of a trace id as `tachograph trace` needs to find it.
_DIGITS = 16


def tools(usage: Sequence[ToolUsage], target: float = 0.95) -> RenderableType:
    """One row a command; `gave up` counts the sessions that it ended, failing."""
    if not usage:
        return Text("No command ran in this window.")
    made = table("Commands", "command", "runs", "users", "adoption", "sessions", "success", "p50", "p95", "gave up")
    for tool in usage:
        made.add_row(
            word(tool.command),
            count(tool.count),
            count(tool.users),
            share(tool.adoption),
            count(tool.sessions),
            rate(tool.success_rate, target),
            duration(tool.p50_ms),
            duration(tool.p95_ms),
            count(tool.abandoned) if tool.abandoned else NOTHING,
        )
    return made


def features(usage: Sequence[ToolUsage]) -> Table:
    """Options of commands, and how many of a command's users use them."""
    made = table("Options", "command", "option", "runs", "users", "of its users", left=2)
    for tool in usage:
        for number, feature in enumerate(tool.features):
            name = word(tool.command) if number == 0 else Text()
            made.add_row(
                name, word(feature.option), count(feature.count), count(feature.users), share(feature.adoption)
            )
    return made


def sequences(usage: Sequence[ToolUsage], shown: int | None) -> Table:
    """What follows what in a session, the most frequent first."""
    made = table("What follows what", "commands", "times", "last succeeds", "median gap")
    found = sorted((sequence for tool in usage for sequence in tool.sequences), key=lambda sequence: -sequence.count)
    for sequence in found[:shown]:
        arrows = Text(" → ").join(word(command) for command in sequence.commands)
        made.add_row(arrows, count(sequence.count), rate(sequence.success_rate, 0.95), duration(sequence.median_gap_ms))
    return made


def errors(patterns: Sequence[ErrorPattern], shown: int | None = None) -> RenderableType:
    """One row a pattern; `recovered` are failures around which the work succeeded all the same."""
    if not patterns:
        return Text("Nothing failed in this window.")
    title = "Errors" if shown is None or len(patterns) <= shown else f"Errors ({shown} of {len(patterns)} patterns)"
    made = table(
        title, "what is said", "where", "in recipes", "times", "recovered", "last seen (UTC)", "latest trace", left=3
    )
    made.columns[-1].justify = "left"
    for pattern in patterns[:shown]:
        made.add_row(
            word(pattern.pattern),
            word(_few([f"{place.role} {place.component}" for place in pattern.where])),
            word(_few(pattern.recipes) or None),
            count(pattern.count),
            count(pattern.recovered) if pattern.recovered else NOTHING,
            moment(pattern.last_seen_ns)[:16].replace("T", " "),
            pattern.trace_id[:_DIGITS],
        )
    return made


def _few(names: Sequence[str]) -> str:
    more = len(names) - 2
    return ", ".join(names[:2]) + (f" and {more} more" if more > 0 else "")


def conditions(name: str, by_condition: dict[str, list[Condition]]) -> Table:
    """Success by version, complexity and size of context, with 95 % intervals."""
    made = table(
        f"{word(name).plain} by condition", "condition", "", "runs", "success", "95 % interval", "mean", left=2
    )
    for condition, title in _CONDITIONS.items():
        for number, found in enumerate(by_condition.get(condition, [])):
            made.add_row(
                title if number == 0 else "", word(found.value), count(found.count), rate(found.success_rate, 0.95),
                NOTHING if found.ci is None else f"{100 * found.ci[0]:.1f} to {100 * found.ci[1]:.1f} %",
                duration(found.avg_duration_ms),
            )  # fmt: skip
    return made
