"""What OpenTelemetry's launcher loads for the entry points of the settings, which most programs have none of."""

from collections.abc import Collection
from typing import Any

from opentelemetry.instrumentation.instrumentor import BaseInstrumentor  # type: ignore[attr-defined]

from tachograph import settings
from tachograph.guard import harmless


class EntryPointInstrumentor(BaseInstrumentor):
    """Wraps the entry points of the settings as soon as their modules are imported."""

    def instrumentation_dependencies(self) -> Collection[str]:
        return []

    @harmless
    def _instrument(self, **_: Any) -> None:
        specs = settings.load().entry_points
        if specs:
            from tachograph.collect import entry_points

            for spec in specs:
                entry_points.install(spec)

    def _uninstrument(self, **_: Any) -> None:
        """Wrapped functions stay wrapped; without a tracer provider they cost next to nothing."""
