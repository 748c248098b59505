"""Whether somebody else tells of a framework's unit: the framework itself, or whoever wrapped it before us."""

from typing import Any

from opentelemetry import trace

from tachograph.collect.frameworks.declaring import Call, Unit
from tachograph.collect.frameworks.running import nearest
from tachograph.semantics import retold, roles


def tell(target: Unit, role: str, call: Call) -> bool:
    """Whether somebody else tells of this call, so that theirs is the span of it and we make none."""
    return target.told(call) or _is_current(target, role, call)


def _is_current(target: Unit, role: str, call: Call) -> bool:
    """Whether the span around this call is one of the same unit that no framework's declaration began: a decorator of
    the program's, a wrapper of somebody else's. A model call within a model call is the same one, by whatever name."""
    span: Any = trace.get_current_span()
    attributes = getattr(span, "attributes", None)
    around = nearest()
    if not attributes or (around is not None and around.span is span) or roles.role(span.name, attributes) != role:
        return False
    scope = getattr(getattr(span, "instrumentation_scope", None), "name", "")
    if retold.is_covered(scope, role):
        return False
    return role == roles.MODEL or roles.component(span.name, attributes, role) == target.name(call)
