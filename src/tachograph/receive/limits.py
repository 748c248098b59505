"""How much the receiver takes on at once: whatever is sent, and however slowly, its memory stays bounded."""

from typing import NamedTuple


class Limits(NamedTuple):
    """Sizes in bytes, times in seconds."""

    body: int = 16 * 2**20  # of one request, as it comes and unpacked; the Collector's own limit in collector-config
    bodies: int = 64 * 2**20  # of all requests together that are being read or wait to be kept
    headers: int = 16 * 1024
    connections: int = 64
    idle_s: float = 60  # between two requests of a connection that is kept open
    request_s: float = 30  # from the first byte of a request to its last
    drain_s: float = 1  # for what a client still sends once it was refused, so that it can read why
    retry_after_s: int = 2
    values: int = 1_000_000  # objects and lists in a request of JSON: each takes many times its two brackets
    record: int = 4 * 2**20  # of one span, log record or metric; of longer ones nothing would be left in a line
