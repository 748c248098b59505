"""What happens in a Python child of `tachograph run`: nothing, until the program imports what we care about."""

from __future__ import annotations

import os
import sys

from tachograph import environment
from tachograph.collect import frameworks
from tachograph.quick.imports import when_imported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType
    from typing import Any

# Instrumentations of others are named after what they instrument, but for these.
_OTHER_NAMES = {
    "openai_v2": "openai",
    "openai_agents": "agents",
    "aiohttp_client": "aiohttp",
    "aiohttp_server": "aiohttp",
}
_PREFIXES = ("opentelemetry_instrumentation_", "openinference_instrumentation_")


def install() -> None:
    """Wait for imports. With exporters or entry points named, set everything up at once, as the launcher does.

    The command itself has its span from `tachograph run`; command libraries are left alone, for theirs would be the
    same one, and looking after them costs more than a short command takes.
    """
    if not environment.needs_only_the_spool() or _has_entry_points():
        _as_the_launcher()
        return
    when_imported("opentelemetry.trace", _harmless(_when_traced))
    for name, distribution in _instrumentations():
        when_imported(name, _instrumenting(distribution))
    for framework in _frameworks():
        for door in frameworks.DOORS[framework]:
            when_imported(door, _harmless(frameworks.opener(framework)))


def _as_the_launcher() -> None:
    from opentelemetry.instrumentation.auto_instrumentation import initialize

    initialize()


def _when_traced(trace: ModuleType) -> None:
    from tachograph.quick import provider

    provider.prepare(trace)


def _has_entry_points() -> bool:
    return bool(os.environ.get("TACHOGRAPH_ENTRY_POINTS")) or any(map(_names_us, _project_files()))


def _names_us(file: str) -> bool:
    with open(file, "rb") as stream:
        return b"tool.tachograph" in stream.read()


def _project_files() -> Iterator[str]:
    try:
        folder = os.getcwd()
    except OSError:  # the working folder was removed
        return
    while True:
        file = os.path.join(folder, "pyproject.toml")
        if os.access(file, os.R_OK):
            yield file
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above


def _frameworks() -> list[str]:
    """Those that are not switched off."""
    named = os.environ.get("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "").split(",")
    disabled = {name.strip() for name in named}
    return [name for name in frameworks.DOORS if frameworks.PREFIX + name not in disabled]


def _instrumentations() -> Iterator[tuple[str, str]]:
    """Modules that an installed instrumentation looks after, each with its distribution; from names of folders."""
    for folder in sys.path:
        for entry in _entries(folder):
            if entry.startswith(_PREFIXES) and entry.endswith(".dist-info"):
                distribution = entry.removesuffix(".dist-info").rpartition("-")[0]
                instrumented = distribution.partition("_instrumentation_")[2]
                yield _OTHER_NAMES.get(instrumented, instrumented), distribution


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _instrumenting(distribution: str) -> Any:
    def instrument(_: ModuleType) -> None:
        from importlib.metadata import distribution as installed

        for entry in installed(distribution).entry_points:
            if entry.group == "opentelemetry_instrumentor":
                entry.load()().instrument()

    return _harmless(instrument)


def _harmless(act: Any) -> Any:
    """`act`, but with one line on standard error where it would raise."""

    def safe(module: ModuleType) -> None:
        try:
            act(module)
        except Exception as error:
            print(f"tachograph: {module.__name__} is not instrumented: {error!r}", file=sys.stderr)

    return safe
