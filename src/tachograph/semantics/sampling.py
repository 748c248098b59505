"""How many spans a sampled one stands for, as its trace state says.

OpenTelemetry's consistent probability sampling writes a rejection threshold of 56 bits, without trailing zeros, as
`ot=th:c`: the span was kept with probability 1 - th / 2^56 (OpenTelemetry specification, "TraceState: Probability
Sampling").
"""

import re
from typing import Final

_THRESHOLD: Final = re.compile(r"(?:^|,)\s*ot=(?:[^,]*;)?th:([0-9a-f]{1,14})(?=[;,\s]|$)")
_ALL: Final = 1 << 56


def weight(trace_state: str | None) -> float:
    """1 / the probability with which a span was kept, 1.0 where its trace state does not tell."""
    found = _THRESHOLD.search(trace_state) if trace_state else None
    return _ALL / (_ALL - int(found[1].ljust(14, "0"), 16)) if found else 1.0
