"""Who else tells of a framework's units: the framework itself, or an instrumentor of somebody else's."""

import sys
from typing import Any

from opentelemetry import trace

from tachograph.collect.frameworks.declaring import Call, Framework, Unit
from tachograph.semantics import roles

OURS = "tachograph"


def tell(framework: Framework, target: Unit, role: str, call: Call) -> bool:
    """Whether somebody else tells of this call, so that theirs is the span of it and we make none."""
    return target.told(call) or any(map(_is_active, target.others)) or _is_current(target, role, call)


def _is_active(instrumentor: str) -> bool:
    """Whether an instrumentor `module:Class` is switched on; not imported is not on."""
    module, _, name = instrumentor.partition(":")
    kind = getattr(sys.modules.get(module), name, None)
    single = getattr(kind, "_instance", None)  # instrumentors are singletons
    return bool(getattr(single, "is_instrumented_by_opentelemetry", False))


def _is_current(target: Unit, role: str, call: Call) -> bool:
    """Whether the span around this call is somebody else's of the same unit, begun by a wrapper around ours. A model
    call within a model call is the same one, by whatever name."""
    span: Any = trace.get_current_span()
    attributes = getattr(span, "attributes", None)
    scope = getattr(getattr(span, "instrumentation_scope", None), "name", OURS)
    if not attributes or scope == OURS or roles.role(span.name, attributes) != role:
        return False
    return role == roles.MODEL or roles.component(span.name, attributes, role) == target.name(call)
