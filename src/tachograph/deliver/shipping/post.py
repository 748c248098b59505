"""One request to a Collector, and what its answer means."""

import email.utils
import gzip
import http.client
import json
import math
import ssl
import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import tachograph
from tachograph.deliver.shipping.destination import Destination

_ANSWER_LIMIT: Final = 1024 * 1024
_AGAIN: Final = frozenset({408, 429, 500, 502, 503, 504})
_NOT_HERE: Final = frozenset({404, 405})
_MALFORMED: Final = frozenset({400, 413, 422})


@dataclass(frozen=True, slots=True)
class Accepted:
    """Delivered, but for so many spans or records that the receiver will not have, and says why."""

    rejected: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class Again:
    """Not now; perhaps later, and not before so many seconds."""

    reason: str
    after_s: float = 0


@dataclass(frozen=True, slots=True)
class Malformed:
    """The receiver cannot read something in this request."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """It will not go this way however often it is tried; the reason says what to do. `here` where another signal may
    do better at the same receiver."""

    reason: str
    here: bool = False


Answer = Accepted | Again | Malformed | Refused


class Poster:
    """Sends requests to one destination over one connection, which is made anew where it broke."""

    def __init__(self, destination: Destination) -> None:
        self._destination = destination
        self._parts = urlsplit(destination.url)
        self._connection: http.client.HTTPConnection | None = None

    def post(self, body: bytes, seconds: float) -> Answer:
        """Send a request and wait for its answer, for as long as its destination says and at most `seconds`."""
        try:
            status, headers, answer = self._exchange(body, min(self._destination.timeout_s, max(1.0, seconds)))
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return _failed(self.where, error)
        return self._judge(status, headers, answer)

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection:
            self._connection.close()
            self._connection = None

    @property
    def where(self) -> str:
        """Host and port."""
        return self._parts.netloc.rpartition("@")[2]

    def _exchange(self, body: bytes, seconds: float) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = self._connected(seconds)
        path = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")
        connection.request("POST", path, gzip.compress(body, 5), self._headers())
        response = connection.getresponse()
        answer = response.read(_ANSWER_LIMIT)
        if not response.isclosed():  # there is more of it than anybody wants to read
            self.close()
        return response.status, response.headers, answer

    def _connected(self, seconds: float) -> http.client.HTTPConnection:
        if self._connection is None:
            host, port = self._parts.hostname or "", self._parts.port
            if self._parts.scheme == "https":
                self._connection = http.client.HTTPSConnection(host, port, context=self._destination.tls)
            else:
                self._connection = http.client.HTTPConnection(host, port)
        self._connection.timeout = seconds
        if self._connection.sock:
            self._connection.sock.settimeout(seconds)
        return self._connection

    def _headers(self) -> dict[str, str]:
        own = {"Content-Type": "application/json", "Content-Encoding": "gzip", "Accept": "application/json"}
        return {"User-Agent": f"tachograph/{tachograph.__version__}", **self._destination.headers, **own}

    def _judge(self, status: int, headers: http.client.HTTPMessage, answer: bytes) -> Answer:
        if 200 <= status < 300:
            return self._accepted(headers.get_content_type() if "content-type" in headers else "", answer)
        said = f"{self.where} answers {status}{_message(answer)}"
        if status in _AGAIN:
            return Again(said, retry_after(headers.get("Retry-After")))
        if status in _MALFORMED:
            return Malformed(said)
        return Refused(said + self._advice(status), here=status in _NOT_HERE)

    def _accepted(self, kind: str, answer: bytes) -> Answer:
        """An empty answer is an OTLP answer, too; a page for people is none."""
        if not answer.strip() and not kind.startswith("text/"):
            return Accepted()
        content = _json(answer)
        if not isinstance(content, dict):
            return Refused(_NO_OTLP.format(self.where, "something else"))
        partial = content.get("partialSuccess") or {}
        if not isinstance(partial, dict):
            return Refused(_NO_OTLP.format(self.where, "something else"))
        counts = [value for key, value in partial.items() if key.startswith("rejected")]
        return Accepted(sum(map(_count, counts)), str(partial.get("errorMessage") or ""))

    def _advice(self, status: int) -> str:
        if status in (401, 403):
            return "; name its key or token in OTEL_EXPORTER_OTLP_HEADERS"
        if status in _NOT_HERE:
            return f" at {self._parts.path}; check the address, and that it takes this signal"
        if status == 415:
            return "; it does not take OTLP as JSON: ship through a Collector"
        return "; check the address and the receiver's log"


_CERTIFICATE: Final = "OTEL_EXPORTER_OTLP_CERTIFICATE"
_NO_OTLP: Final = "{} speaks {}, not OTLP over HTTP; name the Collector's HTTP port (4318 by default) with --endpoint"


def _failed(where: str, error: Exception) -> Answer:
    """What a request means that got no answer."""
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        reason = getattr(error, "verify_message", "") or error.reason or error
        return Refused(f"{where} cannot be trusted over TLS ({reason}); check the address and {_CERTIFICATE}")
    if isinstance(error, TimeoutError):
        return Again(f"{where} does not answer")
    if isinstance(error, ConnectionError | http.client.IncompleteRead):  # also a kept connection, closed meanwhile
        if isinstance(error, ConnectionRefusedError):
            return Again(f"nothing listens at {where}")
        return Again(f"{where} closes the connection (is it the HTTP port?)")
    if isinstance(error, http.client.HTTPException):
        return Refused(_NO_OTLP.format(where, "no HTTP"))
    return Again(f"{where} cannot be reached ({getattr(error, 'strerror', None) or error})")


def _json(answer: bytes) -> Any:
    try:
        return json.loads(answer)
    except ValueError:
        return None


def _message(answer: bytes) -> str:
    content = _json(answer)
    message = content.get("message") if isinstance(content, dict) else None
    return f" ({' '.join(str(message).split())[:200]})" if message else ""


def _count(value: Any) -> int:
    try:
        return max(0, int(value))
    except (TypeError, ValueError):
        return 0


def retry_after(text: str | None) -> float:
    """Seconds to wait, from a number of them or a date."""
    if not text:
        return 0
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(text).timestamp() - time.time()
        except ValueError:
            return 0
    return max(0.0, seconds) if math.isfinite(seconds) else 0
