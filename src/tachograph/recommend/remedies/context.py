"""Contexts that are too large, too slow to make, or sent again."""

from collections.abc import Iterator, Mapping

from tachograph.measure.replay import Runs
from tachograph.recommend.draft import Draft, of
from tachograph.records import BottleneckDetection

_TWICE = 2
_LARGE = 20_000  # tokens a call; a context that is usually larger than this is for more than one task


def prune(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Cap the context at the size that the same tasks mostly need."""
    if "cap" not in finding.remedy:
        return
    agent, cap = finding.affected_components[0], int(finding.remedy["cap"])
    yield of(
        finding, "prune", f"Cap the context of {agent} at {cap:,} tokens a call", 6,
        f"In what prepares the context of {agent}, rank files and turns by how often {agent} used them and stop at "
        f"{cap:,} tokens",
        f"Replace old turns and long files by a summary before {agent} gets them",
        f"Compare the quality of {agent} before and after: tachograph agents {agent}",
        why=f"Without what is beyond the usual its calls read about {cap:,} tokens",
    )  # fmt: skip


def split(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Split the task where even its usual context is a large one."""
    if "cap" not in finding.remedy:
        return
    agent, cap = finding.affected_components[0], int(finding.remedy["cap"])
    if cap >= _LARGE:
        yield of(
            finding, "split_context", f"Split the work of {agent}: even its usual context has {cap:,} tokens", 20,
            f"Divide the tasks of {agent} by module or file, a call each, and join the answers",
            f"Give each call only the files of its part, at most {cap // _TWICE:,} tokens",
        )  # fmt: skip


def keep_to_limit(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Hand a model no more than it takes."""
    if finding.remedy.get("part") != "context_limit":
        return
    agent = finding.affected_components[0]
    yield of(
        finding, "keep_to_limit", f"Keep the contexts of {agent} below the limit of its model", 6,
        f"In what prepares the context of {agent}, count tokens, begin with what is used most, stop before the limit",
        f"Summarise old turns and long files before {agent} gets them, or give long ones to a model that takes more",
        f"See one that was refused: tachograph trace {finding.evidence.trace_ids[0]}",
    )  # fmt: skip


def index(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Keep what preparation reads again each time."""
    agent = finding.affected_components[0]
    yield of(
        finding, "index_context", f"Cache what prepare_context of {agent} reads each time", 8,
        f"Measure the parts of prepare_context in {agent}: tachograph trace {finding.evidence.trace_ids[0]}",
        "Keep an index of the code base on disk, keyed by the hash of each file, and read only what changed",
        "Read the parts that do not need each other at the same time",
    )  # fmt: skip


def order_for_cache(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Put what stays the same first, so that the provider's prefix cache serves it."""
    agent, sent = finding.affected_components[0], finding.remedy.get("resent_share", 1.0)
    if sent > 0.01:
        yield of(
            finding, "prefix_cache", f"Put what stays the same first in the prompts of {agent}", 4,
            f"Order the prompt of {agent}: instructions, tools, files that stay, then the conversation, last what "
            "changes with each call (times, ids)",
            "Mark the end of the stable part for the provider's cache where it wants to be told",
            f"Look at cache_read of {agent} beside its input tokens: tachograph agents {agent}",
        )  # fmt: skip


def share(finding: BottleneckDetection, _: Mapping[str, Runs]) -> Iterator[Draft]:
    """Keep what was read, so that it need not be read again."""
    agent, again = finding.affected_components[0], finding.remedy.get("rereads", 1.0)
    if again > 0.1 or finding.remedy.get("resent_share", 1.0) <= 0.01:
        yield of(
            finding, "share_context", f"Answer the second identical read of {agent} from a cache", 6,
            f"Keep the results of read-only tools of {agent} by call and arguments for the length of an execution",
            "Forget a file's entry when a tool writes it",
            f"See which calls come again: tachograph trace {finding.evidence.trace_ids[0]}",
            why=f"It reads {again:.1f} times an execution what it had read before",
        )  # fmt: skip
