"""What spans that end from now on are held against: medians and known bottlenecks, as a small file in the home."""

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tachograph.annotate.baseline import NAME
from tachograph.records import BottleneckDetection
from tachograph.store import Store, statements

VERSION: Final = 1
_LEAST: Final = 5  # executions; a median of fewer is no baseline


def write_baseline(store: Store, found: Sequence[BottleneckDetection], home: Path) -> None:
    """Write the baseline of everything that is stored, in the place of an older one and all at once."""
    told: dict[str, Any] = {"version": VERSION, "created_s": time.time(), "agent": {}, "recipe": {}}
    for row in store.query(statements.BASELINE, least=_LEAST):
        medians = told[row["role"]].setdefault(row["name"], {"medians": {}})["medians"]
        medians[row["complexity"]] = round(row["median_ms"], 3)
    for one in reversed(found):  # what matters most is written last, and stays
        for known in (told["agent"], told["recipe"]):
            if one.affected_components[0] in known:
                known[one.affected_components[0]]["bottleneck"] = _bottleneck(one)
    _replace(home / NAME, json.dumps(told, separators=(",", ":")))


def _bottleneck(one: BottleneckDetection) -> dict[str, Any]:
    return {
        "category": one.category,
        "component": one.affected_components[0],
        "share": round(one.effect.value / 100, 4),
    }


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
