"""`tachograph receive` under ten thousand requests, most of them hostile."""

from pathlib import Path

from receiving import JSON, PROTOBUF, as_protobuf, flooded, receiving
from telemetry import call, hex_id, line

REQUESTS = 10_000


def good(number: int) -> tuple[bytes, str]:
    """A request with one span of that number, now in JSON, now in protobuf."""
    made = line(call(number))
    return (made, JSON) if number % 2 else (as_protobuf(made), PROTOBUF)


def test_ten_thousand_requests(tmp_path: Path) -> None:
    """Malformed, oversized, half-closed and slow ones: memory is bounded, and every good one is kept, once."""
    with receiving(tmp_path) as receiver:
        sent = flooded(receiver, REQUESTS, good, slow=40)
        assert sorted(receiver.span_ids()) == [hex_id(number) for number in sent]
        peak = receiver.peak_bytes()
        print(f"{REQUESTS} requests, {len(sent)} of them good: at most {peak / 2**20:.0f} MiB")
        assert peak < 400 * 2**20
        assert receiver.stop()[0] == 0
