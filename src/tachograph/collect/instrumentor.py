"""What OpenTelemetry's launcher loads of us: one instrumentor, for the launcher reads our metadata anew for each."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import wrapt
from opentelemetry.instrumentation.instrumentor import BaseInstrumentor  # type: ignore[attr-defined]

from tachograph import settings
from tachograph.collect import exit_status, frameworks
from tachograph.guard import harmless


class Instrumentor(BaseInstrumentor):
    """Wraps what is named in the settings, and commands of every kind, once the program imports what they are made of.

    Each part can be switched off by its name in `OTEL_PYTHON_DISABLED_INSTRUMENTATIONS`.
    """

    def instrumentation_dependencies(self) -> Collection[str]:
        return []

    def _instrument(self, **_: Any) -> None:
        disabled = settings.disabled_instrumentations()
        for name, begin in PARTS.items():
            if name not in disabled:
                harmless(begin)()

    def _uninstrument(self, **_: Any) -> None:
        """Wrapped functions stay wrapped; without a tracer provider they cost next to nothing."""


def _entry_points() -> None:
    specs = settings.load().entry_points
    if specs:
        from tachograph.collect import entry_points

        for spec in specs:
            entry_points.install(spec)


def _click() -> None:
    exit_status.prepare()
    wrapt.register_post_import_hook("tachograph.collect.click_commands:wrap_core", "click.core")


def _typer() -> None:
    wrapt.register_post_import_hook("tachograph.collect.click_commands:wrap_core", "typer._click.core")
    wrapt.register_post_import_hook("tachograph.collect.typer_commands:wrap_entries", "typer.core")


def _argparse() -> None:
    exit_status.prepare()
    wrapt.register_post_import_hook("tachograph.collect.argparse_commands:wrap_parser", "argparse")


def _console_scripts() -> None:
    from tachograph.collect import console_scripts

    console_scripts.wait_for_entry()


def _framework(name: str) -> None:
    for door in frameworks.DOORS[name]:
        wrapt.register_post_import_hook(frameworks.opener(name), door)


PARTS: dict[str, Callable[[], None]] = {
    "tachograph_entry_points": _entry_points,
    "tachograph_click": _click,
    "tachograph_typer": _typer,
    "tachograph_argparse": _argparse,
    "tachograph_console_scripts": _console_scripts,
    **{frameworks.PREFIX + name: partial(_framework, name) for name in frameworks.DOORS},
}
