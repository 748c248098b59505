"""Commands written with Typer, which brings a click of its own in newer versions and uses the real one in older."""

from collections.abc import Collection
from types import ModuleType
from typing import Any

import wrapt
from opentelemetry.instrumentation.instrumentor import BaseInstrumentor  # type: ignore[attr-defined]

from tachograph.collect import click_commands
from tachograph.guard import harmless


class TyperCommandInstrumentor(BaseInstrumentor):
    """Wraps Typer's entry, which is not click's, and the parsing of the click that it brings."""

    def instrumentation_dependencies(self) -> Collection[str]:
        return []

    @harmless
    def _instrument(self, **_: Any) -> None:
        wrapt.register_post_import_hook(click_commands.wrap_core, "typer._click.core")
        wrapt.register_post_import_hook(_wrap_entries, "typer.core")

    def _uninstrument(self, **_: Any) -> None:
        """Wrapped methods stay wrapped; without a tracer provider they cost next to nothing."""


@harmless
def _wrap_entries(core: ModuleType) -> None:
    for name in ("TyperCommand", "TyperGroup"):
        if "main" in vars(getattr(core, name)):
            wrapt.wrap_function_wrapper(core, f"{name}.main", click_commands.main)
