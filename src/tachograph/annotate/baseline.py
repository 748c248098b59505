"""What the analysis found out before, for spans that end now: a small file, read once and only where it is there.

Nothing is said where the file is missing, broken, or older than a month: an annotation from a forgotten analysis would
mislead.
"""

import os
import time
from collections.abc import Mapping
from typing import Any

from tachograph import vocabulary as v

NAME = "baseline.json"
_VERSION = 1
_OLDEST_S = 31 * 86_400
_LARGEST = 4 * 2**20  # bytes; what is larger was not written by us


class Baseline:
    """Medians of agents and recipes by complexity, and their known bottlenecks. Never raises."""

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, NAME)
        self._known: Mapping[str, Any] | None = None

    def marks(self, role: str, component: str, complexity: object, duration_ns: int) -> dict[str, Any]:
        """What is known of this agent or recipe; empty where nothing is."""
        found = self._of(role, component)
        if not found:
            return {}
        marks = dict(_bottleneck(found.get("bottleneck")))
        medians = found.get("medians")
        if isinstance(medians, dict):
            median = medians.get(complexity) if isinstance(complexity, str) else None
            median = medians.get("") if median is None else median
            if isinstance(median, int | float) and median > 0:
                marks[v.BASELINE_RATIO] = duration_ns / 1e6 / median
        return marks

    @property
    def is_there(self) -> bool:
        """Whether there is anything to say."""
        if self._known is None:
            self._known = _read(self._path)
        return bool(self._known)

    def _of(self, role: str, component: str) -> Mapping[str, Any]:
        named = self._known.get(role) if self.is_there and self._known else None
        found = named.get(component) if isinstance(named, dict) else None
        return found if isinstance(found, dict) else {}


def _bottleneck(known: object) -> Mapping[str, Any]:
    if not isinstance(known, dict):
        return {}
    category, component, share = known.get("category"), known.get("component"), known.get("share")
    if not isinstance(category, str) or not isinstance(component, str) or not isinstance(share, int | float):
        return {}
    return {v.BOTTLENECK_CATEGORY: category, v.BOTTLENECK_COMPONENT: component, v.BOTTLENECK_SHARE: float(share)}


def _read(path: str) -> Mapping[str, Any]:
    try:
        if os.stat(path).st_size > _LARGEST:
            return {}
        import json  # most processes have no baseline, and a short command has no time for what it does not use

        with open(path, encoding="utf-8") as file:
            told = json.load(file)
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(told, dict) or told.get("version") != _VERSION:
        return {}
    created = told.get("created_s")
    is_fresh = isinstance(created, int | float) and time.time() - created < _OLDEST_S
    return told if is_fresh else {}
