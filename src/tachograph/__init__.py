"""tachograph: performance tracking for AI development agents, recipes and command-line tools, on OpenTelemetry."""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["agent", "command", "install", "rate", "recipe", "review", "step", "tool"]

TYPE_CHECKING = False  # importing `typing` takes longer than all that a short command needs of us
if TYPE_CHECKING:
    from typing import Any

    from tachograph.cli.reviewing import rate, review
    from tachograph.collect.units import agent, command, recipe, step, tool
    from tachograph.sdk import install

_HOMES = {
    **dict.fromkeys(("agent", "command", "recipe", "step", "tool"), "tachograph.collect.units"),
    "install": "tachograph.sdk",
    **dict.fromkeys(("rate", "review"), "tachograph.cli.reviewing"),
}


def __getattr__(name: str) -> Any:
    # Lazy, so that the command line does not pay for the tracing half and the other way round.
    if name not in _HOMES:
        raise AttributeError(f"module 'tachograph' has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value
