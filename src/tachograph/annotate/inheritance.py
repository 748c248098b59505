"""The sampler that lets spans begin with what they inherit: the only public place to add it before they are made."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState, get_current_span

from tachograph.guard import tell_fault

_NONE: Mapping[str, Any] = {}


class InheritingSampler(Sampler):
    """Decides as `chosen` does; without one as OpenTelemetry does by default: as the parent, and everything without
    a parent. `at_birth` adds to attributes what a span takes over from the span with an id, 0 for none."""

    def __init__(self, chosen: Sampler | None, at_birth: Callable[[int, Mapping[str, Any]], Mapping[str, Any]]) -> None:
        self.chosen = chosen
        self._at_birth = at_birth

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Any = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        parent = get_current_span(parent_context).get_span_context()
        try:
            given = self._at_birth(parent.span_id, attributes or _NONE)
        except Exception as error:
            tell_fault(self.should_sample, error)
            given = attributes
        if self.chosen:
            return self.chosen.should_sample(parent_context, trace_id, name, kind, given, links)
        if parent.is_valid and not parent.trace_flags.sampled:
            return SamplingResult(Decision.DROP, None, parent.trace_state)
        return SamplingResult(Decision.RECORD_AND_SAMPLE, given, parent.trace_state)

    def get_description(self) -> str:
        return self.chosen.get_description() if self.chosen else "ParentBased{root:AlwaysOnSampler}"
