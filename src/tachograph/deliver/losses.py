"""What a spool has lost, by signal and reason: counted on disk, so that it is known after the process that lost it."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tachograph.deliver import segments

WRITE_FAILED = "spool_write_failed"
FULL = "spool_full"
EXPIRED = "spool_expired"
REJECTED = "ship_rejected"

# Signal and reason, as the metric `dev_agency_telemetry_dropped_total` has them.
Loss = tuple[str, str]


def record(folder: Path, lost: Mapping[Loss, int]) -> None:
    """Add to what the spool in `folder` has lost; raises OSError where that cannot be written either."""
    text = "".join(f"{signal} {reason} {count}\n" for (signal, reason), count in lost.items() if count)
    if text:
        segments.append(_file(folder), text.encode())


def totals(folder: Path) -> Mapping[Loss, int]:
    """All spans and log records that the spool in `folder` ever lost, by signal and reason."""
    found: Counter[Loss] = Counter()
    try:
        lines = _file(folder).read_text().splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        match line.split():
            case [signal, reason, count] if count.isdecimal():
                found[signal, reason] += int(count)
    return found


def _file(folder: Path) -> Path:
    return segments.state_folder(folder) / "dropped"
