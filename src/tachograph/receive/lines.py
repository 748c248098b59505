"""A request as lines for the spool: each one export request of its own, below 1 MiB, with records that fit."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from tachograph.deliver.otlp_json import LINE_LIMIT
from tachograph.receive.messages import Unreadable
from tachograph.receive.requests import Group
from tachograph.receive.signals import TRACES, Json, Signal

_WISHED: Final = 256 * 1024  # bytes; lines of about this size are read by several processes at once
_SHORTENED: Final = (65_536, 4_096, 256)  # characters left of each string, tried in turn on what is too long
_HEAD: Final = LINE_LIMIT // 4  # bytes that resource and scope may take, the rest is for records
_FIRST: Final = 128  # attributes, events and links that are left of a record that is too long all the same
_TOLD: Final = 3


@dataclass(slots=True)
class Tally:
    """How many records of a request were taken and not taken, and why not."""

    accepted: int = 0
    rejected: int = 0
    reasons: list[str] = field(default_factory=list)

    def reject(self, why: str) -> None:
        self.rejected += 1
        if len(self.reasons) < _TOLD:
            self.reasons.append(why)


def lines(signal: Signal, groups: Iterable[Group], clean: Callable[[Json], Json], tally: Tally) -> Iterator[bytes]:
    """The lines that the records of a request make, each record after `clean`; counted in `tally`."""
    for group in groups:
        start, end = _around(signal, group, clean)
        yield from _packed(start, _records(signal, group, clean, LINE_LIMIT - len(start) - len(end), tally), end)


def _packed(start: bytes, records: Iterator[bytes], end: bytes) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for record in records:
        if held and size + len(record) > _WISHED:
            yield start + b",".join(held) + end
            held, size = [], 0
        held.append(record)
        size += len(record) + 1
    if held:
        yield start + b",".join(held) + end


def _around(signal: Signal, group: Group, clean: Callable[[Json], Json]) -> tuple[bytes, bytes]:
    resource = _fitted(clean(group.resource), _HEAD) or b"{}"
    scope = _fitted(clean(group.scope), _HEAD) or b"{}"
    of_resource, of_scope = (b',"schemaUrl":%s' % _text(url[:2048]) if url else b"" for url in group.schemas)
    names = signal.resources.encode(), resource, signal.scopes.encode(), scope, signal.records.encode()
    return b'{"%s":[{"resource":%s,"%s":[{"scope":%s,"%s":[' % names, b"]%s}]%s}]}\n" % (of_scope, of_resource)


def _records(signal: Signal, group: Group, clean: Callable[[Json], Json], room: int, tally: Tally) -> Iterator[bytes]:
    for record in group.records:
        text = None
        why = str(record) if isinstance(record, Unreadable) else _unfit(signal, record)
        if not why:
            assert not isinstance(record, Unreadable)  # noqa: S101
            text = _fitted(clean(record), room)
            why = "" if text else "is longer than a line may be"
        if text:
            tally.accepted += 1
            yield text
        else:
            tally.reject(f"one {why}")


def _unfit(signal: Signal, record: Json) -> str:
    """Why a record cannot be stored at all, empty where it can."""
    if signal is not TRACES:
        return ""
    ids = ("traceId", 32), ("spanId", 16)
    if any(len(record.get(name, "")) != digits or set(record[name]) == {"0"} for name, digits in ids):
        return "has no valid trace id and span id"
    return "" if record.get("startTimeUnixNano") and record.get("endTimeUnixNano") else "has no start or end time"


def _fitted(message: Json, room: int) -> bytes | None:
    """The message in at most `room` bytes, its strings shortened where it has to be; None where that is not enough."""
    text = _text(message)
    for limit in _SHORTENED if len(text) > room else ():
        text = _text(_shortened(message, limit))
        if len(text) <= room:
            return text
    if len(text) > room:
        text = _text(_shortened({**message, **_first(message)}, _SHORTENED[-1]))
    return text if len(text) <= room else None


def _first(message: Json) -> Json:
    return {name: held[:_FIRST] for name, held in message.items() if isinstance(held, list)}


def _shortened(value: Any, limit: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= limit else value[:limit] + "…"
    if isinstance(value, dict):
        return {key: _shortened(item, limit) for key, item in value.items()}
    return [_shortened(item, limit) for item in value] if isinstance(value, list) else value


def _text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
