"""The Collector with our configurations, and Prometheus, for tests."""

import json
import re
import signal
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from programs import BUILT, Program, answers
from support import free_port

CONFIGURATIONS = Path(__file__).resolve().parents[2] / "collector-config"


@dataclass
class Collector:
    """The Collector with one of our configurations; what its `file` exporter writes is in `folder`."""

    folder: Path
    configuration: str = "agent.yaml"
    variables: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.grpc, self.http, self.metrics, self.health, self.self = (free_port() for _ in range(5))
        addresses = {
            "COLLECTOR_GRPC": f"127.0.0.1:{self.grpc}",
            "COLLECTOR_HTTP": f"127.0.0.1:{self.http}",
            "COLLECTOR_METRICS": f"127.0.0.1:{self.metrics}",
            "COLLECTOR_HEALTH": f"127.0.0.1:{self.health}",
            "COLLECTOR_SELF_PORT": str(self.self),
            "COLLECTOR_DATA": str(self.folder / "data"),
            "COLLECTOR_SELF_INTERVAL": "1s",
        }
        command = [str(BUILT / "otelcol"), "--config", str(CONFIGURATIONS / self.configuration)]
        self.program = Program(command, self.folder, {**addresses, **self.variables})

    def start(self) -> "Collector":
        self.program.start(lambda: answers(f"http://127.0.0.1:{self.health}"))
        return self

    def stop(self, by: int = signal.SIGTERM) -> None:
        self.program.stop(by)

    @property
    def written(self) -> Path:
        """The file that it writes."""
        return self.folder / "data" / "telemetry.jsonl"

    def spans(self) -> list[dict[str, Any]]:
        """Every span that it has written, attributes as a plain dictionary."""
        return [span for request in self._requests() for span in spans_of(request)]

    def logs(self) -> list[dict[str, Any]]:
        """Every log record that it has written."""
        return [record for request in self._requests() for record in _records(request, *_LOGS)]

    def _requests(self) -> list[dict[str, Any]]:
        text = self.written.read_text() if self.written.exists() else ""
        return [request for piece in _BEGINNING.split(text) if (request := _whole(piece)) is not None]

    def send(self, request: Any, signal: str = "traces", **options: Any) -> int:
        """Send an OTLP/JSON request, or bytes as they are; the status that it is answered with."""
        body = request if isinstance(request, bytes) else json.dumps(request).encode()
        return post(f"http://127.0.0.1:{self.http}/v1/{signal}", body, **options)


# A Collector that is killed leaves the beginning of a request; the next one writes on behind it, in the same line.
_BEGINNING = re.compile(r'(?=\{"resource(?:Spans|Logs|Metrics)":)')
_LOGS = ("resourceLogs", "scopeLogs", "logRecords")
_SPANS = ("resourceSpans", "scopeSpans", "spans")


def _whole(piece: str) -> dict[str, Any] | None:
    """A request, or None for what was cut off."""
    try:
        return dict(json.loads(piece))
    except json.JSONDecodeError:
        return None


def spans_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Every span of a request, attributes as a plain dictionary."""
    return [_plain_span(span) for span in _records(request, *_SPANS)]


def _records(request: dict[str, Any], resources: str, scopes: str, records: str) -> Iterator[dict[str, Any]]:
    for resource in request.get(resources, []):
        for scope in resource[scopes]:
            yield from scope[records]


# A fixture of this type is in conftest.py.
StartCollector = Callable[..., Collector]


def post(
    url: str, body: bytes, headers: Mapping[str, str] | None = None, trust: Path | None = None, kind: str = "json"
) -> int:
    """POST a body; the status, 0 where the connection is refused or broken off."""
    headed = {"Content-Type": f"application/{kind}", **(headers or {})}
    context = ssl.create_default_context(cafile=str(trust)) if trust else None
    request = urllib.request.Request(url, body, headed)
    try:
        with urllib.request.urlopen(request, timeout=30, context=context) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except (urllib.error.URLError, OSError):
        return 0


def request_of(*spans: Mapping[str, Any], service: str = "test") -> dict[str, Any]:
    """An OTLP/JSON request of spans; each needs a name, and may say attributes, events, status, ids and times."""
    made = [_span(number, span) for number, span in enumerate(spans, 1)]
    resource = {"attributes": _attributes({"service.name": service})}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "test"}, "spans": made}]}]}


def _span(number: int, span: Mapping[str, Any]) -> dict[str, Any]:
    start = int(span.get("start", 1_763_800_000_000_000_000))
    return {
        "traceId": span.get("trace", "a" * 32),
        "spanId": span.get("id", format(number, "016x")),
        "parentSpanId": span.get("parent", ""),
        "name": span["name"],
        "kind": 1,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + int(span.get("seconds", 1) * 1e9)),
        "attributes": _attributes(span.get("attributes", {})),
        "events": [{**event, "attributes": _attributes(event["attributes"])} for event in span.get("events", [])],
        "status": span.get("status", {}),
    }


def _attributes(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    from tachograph.deliver.values import value_json

    return [{"key": key, "value": value_json(value)} for key, value in attributes.items()]


def _plain_span(span: dict[str, Any]) -> dict[str, Any]:
    return {**span, "attributes": {item["key"]: _plain(item["value"]) for item in span.get("attributes", [])}}


def _plain(value: Mapping[str, Any]) -> Any:
    kind, content = next(iter(value.items()))
    if kind == "arrayValue":
        return [_plain(item) for item in content.get("values", [])]
    return int(content) if kind == "intValue" else content


@dataclass
class Prometheus:
    """A Prometheus that scrapes one target every second."""

    folder: Path
    target: int

    def start(self) -> "Prometheus":
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        (self.folder / "prometheus.yml").write_text(
            "global: {scrape_interval: 500ms, scrape_timeout: 500ms}\n"
            "scrape_configs:\n"
            "  - {job_name: collector, honor_labels: true, "
            f"static_configs: [{{targets: ['127.0.0.1:{self.target}']}}]}}\n"
        )
        self.program = Program(
            [
                str(BUILT / "prometheus"),
                "--config.file=prometheus.yml",
                "--storage.tsdb.path=data",
                f"--web.listen-address=127.0.0.1:{self.port}",
            ],
            self.folder,
        )
        self.program.start(lambda: answers(f"http://127.0.0.1:{self.port}/-/ready"))
        return self

    def stop(self) -> None:
        self.program.stop()

    def query(self, expression: str) -> dict[tuple[tuple[str, str], ...], float]:
        """The instant vector of an expression: labels (sorted pairs) -> value."""
        url = f"http://127.0.0.1:{self.port}/api/v1/query?query={urllib.parse.quote(expression)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            result = json.load(answer)["data"]["result"]
        return {tuple(sorted(series["metric"].items())): float(series["value"][1]) for series in result}

    def counted(self, metric: str) -> float:
        """What a counter has counted in all over restarts of who counts: each fall begins again at zero."""
        url = f"http://127.0.0.1:{self.port}/api/v1/query?query={metric}[1h]"
        with urllib.request.urlopen(url, timeout=10) as answer:
            result = json.load(answer)["data"]["result"]
        return sum(_risen([float(value) for _, value in series["values"]]) for series in result)


def _risen(values: list[float]) -> float:
    pairs = zip([0.0, *values], values, strict=False)
    return sum(value - before if value >= before else value for before, value in pairs)
