"""How a span ended: the contract's outcome, from the attribute, the exit code or the span's status."""

import sys
from collections.abc import Mapping
from typing import Any

from tachograph import vocabulary as v

SUCCESS = "success"
FAILURE = "failure"
SKIP = "skip"


def outcome(attributes: Mapping[str, Any], *, status_is_error: bool) -> str:
    """One of `vocabulary.OUTCOMES`. A named outcome wins; else an ERROR status or a non-zero exit code fails."""
    named = attributes.get(v.OUTCOME)
    if named in v.OUTCOMES:
        return str(named)
    exit_code = attributes.get(v.EXIT_CODE)
    return FAILURE if status_is_error or (isinstance(exit_code, int) and exit_code != 0) else SUCCESS


def is_cancellation(error: BaseException) -> bool:
    """Whether this exception says that somebody wanted the work to end."""
    # Whoever cancels has loaded asyncio, which is too long to load for programs that do not.
    loaded = sys.modules.get("asyncio")
    return isinstance(error, KeyboardInterrupt) or (loaded is not None and isinstance(error, loaded.CancelledError))


def succeeded(value: str) -> bool:
    """Whether work with this outcome brought its result; a skipped step wasted nothing and blocks nothing."""
    return value in (SUCCESS, SKIP)
