"""The gateway at its door and over its queue: what is bad is refused, what is good is not lost."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from collectors import Collector, StartCollector, post, request_of
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub
from programs import answers, until
from test_redaction import SECRETS

TOKEN = "a-long-token-of-the-team"
LARGEST = 200_000
GOOD = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A certificate for loopback, made for this run."""
    folder = tmp_path_factory.mktemp("certificates")
    certificate, key = folder / "collector.crt", folder / "collector.key"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    subprocess.run([*command, "-out", certificate, "-keyout", key], check=True, capture_output=True)
    return {"COLLECTOR_CERT": str(certificate), "COLLECTOR_KEY": str(key), "COLLECTOR_TOKEN": TOKEN}


@pytest.fixture
def gateway(collector: StartCollector, certificates: dict[str, str]) -> Callable[..., Collector]:
    """Starts a gateway with certificate and token."""
    limits = {"COLLECTOR_LARGEST_BYTES": str(LARGEST), "COLLECTOR_LARGEST_MIB": "1"}
    return lambda **variables: collector("gateway.yaml", **certificates, **limits, **variables)


def said(gateway: Collector, body: Any, headers: dict[str, str] = GOOD, **options: Any) -> int:
    """The answer of a gateway over TLS."""
    trust = Path(gateway.variables["COLLECTOR_CERT"])
    data = body if isinstance(body, bytes) else _json(body)
    return post(f"https://127.0.0.1:{gateway.http}/v1/traces", data, headers, trust, **options)


def _json(body: Any) -> bytes:
    import json

    return json.dumps(body).encode()


def test_what_is_bad_is_refused_and_what_is_good_is_kept(gateway: Callable[..., Collector]) -> None:
    """Oversized, malformed, of another kind, without or with a wrong token, without TLS: each gets its answer, and
    every good request is written."""
    running = gateway()
    good = [request_of({"name": f"good {number}", "id": format(number, "016x")}) for number in range(1, 10)]
    large = request_of({"name": "large", "attributes": {"text": "x" * LARGEST}})
    plain = f"http://127.0.0.1:{running.http}/v1/traces"
    answers_by_input = {
        "oversized": said(running, large),
        "no JSON": said(running, b'{"resourceSpans": [{'),
        "JSON of another shape": said(running, {"resourceSpans": "none"}),
        "no protobuf": said(running, b"\xff\xff\xff\xff", kind="x-protobuf"),
        "another kind": said(running, b"<spans/>", kind="xml"),
        "wrong token": said(running, good[0], {"Authorization": "Bearer of bad news"}),
        "no token": said(running, good[0], {}),
        "no TLS": post(plain, _json(good[0]), GOOD),
    }
    for request in good:
        assert said(running, request) == 200
    assert answers_by_input == {
        "oversized": 400,
        "no JSON": 400,
        "JSON of another shape": 400,
        "no protobuf": 400,
        "another kind": 415,
        "wrong token": 401,
        "no token": 401,
        "no TLS": 400,
    }
    until("the good ones are written", lambda: len(running.spans()) >= len(good))
    assert sorted(span["name"] for span in running.spans()) == [f"good {number}" for number in range(1, 10)]


def test_over_grpc_too(gateway: Callable[..., Collector]) -> None:
    """Too large, without TLS, with a wrong token; then a good one."""
    running = gateway()
    trusted = grpc.ssl_channel_credentials(Path(running.variables["COLLECTOR_CERT"]).read_bytes())
    address = f"127.0.0.1:{running.grpc}"
    with grpc.secure_channel(address, trusted) as safe, grpc.insecure_channel(address) as plain:
        assert _export(safe, "large" * 2**19) is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert _export(safe, "wrong", "Bearer of bad news") is grpc.StatusCode.UNAUTHENTICATED
        assert _export(plain, "plain") is grpc.StatusCode.UNAVAILABLE
        assert _export(safe, "good") is grpc.StatusCode.OK
    assert [span["name"] for span in until("it is written", running.spans)] == ["good"]


def _export(channel: grpc.Channel, name: str, token: str = GOOD["Authorization"]) -> grpc.StatusCode:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.name, span.trace_id, span.span_id = name, b"t" * 16, b"s" * 8
    try:
        TraceServiceStub(channel).Export(request, timeout=10, metadata=[("authorization", token)])
    except grpc.RpcError as refused:
        return refused.code()
    return grpc.StatusCode.OK


def test_a_gateway_masks_secrets(gateway: Callable[..., Collector]) -> None:
    """The same blocks as those of the agent, which are tested there one by one."""
    running = gateway()
    spans = [{"name": "x", "attributes": {"said": secret, "password": "p" * 9}} for secret in SECRETS.values()]
    assert said(running, request_of(*spans)) == 200
    until("all is written", lambda: len(running.spans()) == len(spans))
    assert not [kind for kind, secret in SECRETS.items() if _json(secret)[1:-1].decode() in running.written.read_text()]
    assert "ppppppppp" not in running.written.read_text()


def test_an_agent_delivers_to_the_gateway(gateway: Callable[..., Collector], collector: StartCollector) -> None:
    """Over TLS with the token, as each machine of a team does."""
    team = gateway()
    machine = collector(
        COLLECTOR_TRACES_TO="[file, otlp_grpc/gateway]",
        COLLECTOR_GATEWAY=f"127.0.0.1:{team.grpc}",
        COLLECTOR_GATEWAY_CA=team.variables["COLLECTOR_CERT"],
        COLLECTOR_TOKEN=TOKEN,
    )
    assert machine.send(request_of({"name": "x", "attributes": {"llm.request.type": "chat"}})) == 200
    (span,) = until("it has arrived", team.spans)
    assert span["attributes"]["gen_ai.operation.name"] == "chat"
    assert [span["spanId"] for span in machine.spans()] == [span["spanId"]]


def test_the_queue_outlives_the_gateway(gateway: Callable[..., Collector], collector: StartCollector) -> None:
    """What was acknowledged while the backend was away arrives when it is back, though the gateway was killed."""
    backend = collector()
    backend.stop()
    running = gateway(
        COLLECTOR_TRACES_TO="[otlp_grpc/tempo]",
        COLLECTOR_TEMPO=f"127.0.0.1:{backend.grpc}",
        COLLECTOR_TEMPO_INSECURE="true",
    )
    for number in range(1, 6):
        assert said(running, request_of({"name": f"kept {number}", "id": format(number, "016x")})) == 200
    running.stop(signal.SIGKILL)
    backend.start()
    running.start()
    until("all have arrived", lambda: len({span["spanId"] for span in backend.spans()}) == 5, 60)
    assert answers(f"http://127.0.0.1:{running.health}")
