"""Tells a failure that comes from something that is not there from one that comes from something that is wrong.

A test that fails because a function is gone says that the work is incomplete; counted as incorrect as well, one fault
would lower two scores.
"""

import re

from tachograph.quality.bench import Bench
from tachograph.quality.paths import module

_ABSENT = (
    re.compile(r"cannot import name '(?P<name>\w+)' from (?:partially initialized module )?'(?P<owner>[\w.]+)'"),
    re.compile(
        r"[Mm]odule ['\"](?P<owner>[\w.]+)['\"] (?:has no|does not explicitly export) attribute ['\"](?P<name>\w+)['\"]"
    ),
    re.compile(r"type object '(?P<owner>\w+)' has no attribute '(?P<name>\w+)'"),
    re.compile(r"type\[(?P<owner>\w+)\]['\"]? has no attribute ['\"](?P<name>\w+)['\"]"),
    re.compile(r"['\"](?P<owner>\w+)['\"] (?:object )?has no attribute ['\"](?P<name>\w+)['\"]"),
    re.compile(r"[Nn]ame ['\"](?P<name>\w+)['\"] is not defined"),
)


def absent(bench: Bench, message: str) -> str | None:
    """The name that a message says is missing from the project; None where it says something else."""
    for pattern in _ABSENT:
        if (match := pattern.search(message)) and _is_missing(bench, match.groupdict().get("owner"), match["name"]):
            return match["name"]
    return None


def _is_missing(bench: Bench, owner: str | None, name: str) -> bool:
    """Of a change whether it took the name away; of a folder whether its owner is part of it and does not have it."""
    if bench.changes is not None:
        return name in bench.removed
    if name in bench.defined:
        return False
    return owner is None or owner.rpartition(".")[2] in bench.defined or owner in _modules(bench)


def _modules(bench: Bench) -> set[str | None]:
    return {module(path) for path in bench.after.sources}


_NOT_FOUND = re.compile(r"No module named '(?P<name>[\w.]+)'")


def not_installed(bench: Bench, message: str) -> str | None:
    """The package that a message says is not there, where it is none of the project: then nothing was measured."""
    match = _NOT_FOUND.search(message)
    roots = {name.partition(".")[0] for name in _modules(bench) if name}
    name = match["name"].partition(".")[0] if match else None
    return name if name not in roots else None
