"""An export request in its parts: what resource and scope say, and the records below them, one at a time."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from tachograph.receive import wire
from tachograph.receive.limits import Limits
from tachograph.receive.messages import Unreadable, from_json, from_protobuf
from tachograph.receive.refused import malformed
from tachograph.receive.signals import InstrumentationScope, Json, Resource, Signal

# In all three signals a request has its resources in field 1; a resource and a scope have themselves in field 1, what
# is below them in field 2 and the schema's URL in field 3.
_SELF: Final = 1
_BELOW: Final = 2
_SCHEMA: Final = 3

Record = Json | Unreadable


class Group(NamedTuple):
    """Records that share resource and scope, made when they are asked for: Unreadable in place of one that is none."""

    resource: Json
    scope: Json
    schemas: tuple[str, str]  # of the resource, of the scope
    records: Iterable[Record]


def groups(signal: Signal, body: bytes, *, is_json: bool, limits: Limits) -> list[Group]:
    """The parts of a request; Refused where it is no export request."""
    try:
        return list(
            _json_groups(signal, body, limits) if is_json else _protobuf_groups(signal, memoryview(body), limits)
        )
    except Unreadable as error:
        raise malformed(f"the request {error}") from None


def _protobuf_groups(signal: Signal, body: memoryview, limits: Limits) -> Iterator[Group]:
    for of_resource in wire.all_of(body, 1):
        resource = _small(wire.one_of(of_resource, _SELF), limits)
        schema = _text(wire.one_of(of_resource, _SCHEMA))
        for of_scope in wire.all_of(of_resource, _BELOW):
            for _ in wire.fields(of_scope):  # so that a request that is cut off is refused before any of it is kept
                pass
            scope = from_protobuf(InstrumentationScope, _small(wire.one_of(of_scope, _SELF), limits))
            schemas = schema, _text(wire.one_of(of_scope, _SCHEMA))
            records = _from_slices(signal, of_scope, limits)
            yield Group(from_protobuf(Resource, resource), scope, schemas, records)


def _from_slices(signal: Signal, of_scope: memoryview, limits: Limits) -> Iterator[Record]:
    for content in wire.all_of(of_scope, _BELOW):
        try:
            yield from_protobuf(signal.record, _small(content, limits))
        except Unreadable as error:
            yield error


def _small(content: bytes | memoryview, limits: Limits) -> bytes:
    if len(content) > limits.record:
        raise Unreadable(f"holds a message of more than {limits.record} bytes")
    return bytes(content)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _json_groups(signal: Signal, body: bytes, limits: Limits) -> Iterator[Group]:
    request = _loaded(body, limits)
    for of_resource in _objects(request, signal.resources):
        resource = from_json(Resource, of_resource.get("resource") or {})
        for of_scope in _objects(of_resource, signal.scopes):
            scope = from_json(InstrumentationScope, of_scope.get("scope") or {})
            schemas = str(of_resource.get("schemaUrl") or ""), str(of_scope.get("schemaUrl") or "")
            yield Group(resource, scope, schemas, _from_values(signal, _list(of_scope, signal.records)))


def _from_values(signal: Signal, values: list[Any]) -> Iterator[Record]:
    for value in values:
        try:
            yield from_json(signal.record, value)
        except Unreadable as error:
            yield error


def _loaded(body: bytes, limits: Limits) -> Any:
    if body.count(b"{") + body.count(b"[") > limits.values:
        raise malformed(f"the request has more than {limits.values} objects and lists; send smaller ones")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise malformed(f"the body is no JSON: {error}") from None


def _objects(holder: Any, name: str) -> list[Json]:
    found = _list(holder, name)
    if not all(isinstance(item, dict) for item in found):
        raise malformed(f"{name} holds what is no object")
    return found


def _list(holder: Any, name: str) -> list[Any]:
    if not isinstance(holder, dict):
        raise malformed("the request is no object")
    found = holder.get(name)
    if found is not None and not isinstance(found, list):
        raise malformed(f"{name} is no list")
    return found or []
