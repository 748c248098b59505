"""Whether somebody else tells of a framework's unit: the framework itself, or whoever wrapped it before us."""

from typing import Any

from opentelemetry import trace

from tachograph.collect.frameworks.declaring import Call, Framework, Unit
from tachograph.semantics import retold, roles

OURS = "tachograph"


def tell(framework: Framework, target: Unit, role: str, call: Call) -> bool:
    """Whether somebody else tells of this call, so that theirs is the span of it and we make none."""
    return target.told(call) or _is_current(framework, target, role, call)


def _is_current(framework: Framework, target: Unit, role: str, call: Call) -> bool:
    """Whether the span around this call is somebody else's of the same unit, begun by a wrapper around ours. A model
    call within a model call is the same one, by whatever name."""
    span: Any = trace.get_current_span()
    attributes = getattr(span, "attributes", None)
    scope = getattr(getattr(span, "instrumentation_scope", None), "name", OURS)
    if not attributes or scope == OURS or retold.is_covered(scope, role) or roles.role(span.name, attributes) != role:
        return False
    return role == roles.MODEL or roles.component(span.name, attributes, role) == target.name(call)
