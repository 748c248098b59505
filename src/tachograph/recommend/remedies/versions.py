"""Versions, conditions and errors: go back, avoid, mend."""

from collections.abc import Iterator, Mapping

from tachograph.measure.replay import Runs
from tachograph.recommend.draft import Draft, of
from tachograph.records import BottleneckDetection


def roll_back(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Go back to what was before."""
    facts = finding.remedy
    if "since" in facts:
        return
    name, called, value = facts["component"], facts["attribute"], facts["value"]
    yield of(
        finding, "roll_back", f"Take {called} {value} of {name} back", 3,
        f"Go back to the {called} of {name} that ran before {value}",
        f"Find what {value} changed: tachograph trace {finding.evidence.trace_ids[0]}, beside one of before",
        "Bring it again without that, to a random tenth of the executions first",
        about=f"{name} {called} {value}",
    )  # fmt: skip


def find_change(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Find what changed when something got worse, and take that back."""
    facts = finding.remedy
    if "since" not in facts:
        return
    name, since = facts["component"], facts["since"]
    yield of(
        finding, "find_change", f"Find what changed for {name} about {since}, and take it back", 4,
        f"Look first at {facts['came'] or f'the model behind {name}, what it depends on, its data and its host'}",
        f"Compare two traces: tachograph trace {finding.evidence.trace_ids[0]}, and one of before {since}",
        "Take one thing back at a time, for a random tenth of the executions first",
        about=f"{name} since {since}",
    )  # fmt: skip


def avoid(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Run less where it goes worse."""
    facts = finding.remedy
    name, called, value = facts["component"], facts["attribute"], facts["value"]
    yield of(
        finding, "avoid", f"Run {name} with another {called} than {value}", 4,
        f"Give the executions of {name} with {called} {value} another {called}, a random half of them first",
        f"Find what differs: tachograph trace {finding.evidence.trace_ids[0]}",
        about=f"{name} {called} {value}",
    )  # fmt: skip


def mend(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Mend the error that concentrates somewhere."""
    where = " with ".join(str(value) for value in finding.remedy["condition"].values())
    message = " ".join(str(finding.remedy["message"]).split())[:80]
    yield of(
        finding, "mend", f"Mend what makes {where} fail: {message}", 6,
        f"Begin with tachograph trace {finding.evidence.trace_ids[0]}",
        f"Mend it where {where} meets it, or tell {finding.affected_components[0]} how to avoid it",
        "See that it is gone: tachograph errors --since 7d",
        about=f"{where}: {message}",
    )  # fmt: skip
