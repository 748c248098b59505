"""Where to deliver to, by the standard variables or an address that was named."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from opentelemetry.util.re import parse_env_headers

from tachograph.deliver.segments import SIGNALS

DEFAULT = "http://localhost:4318"
_PREFIX = "OTEL_EXPORTER_OTLP_"
_GRPC_PORT = 4317


class WrongSetting(Exception):
    """The address or a variable cannot be used; the message says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the lines of one signal go."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 10
    tls: ssl.SSLContext | None = None


def destinations(endpoint: str | None, variables: Mapping[str, str]) -> dict[str, Destination]:
    """One destination a signal; `endpoint` wins over the variables. Raises WrongSetting."""
    return {signal: _destination(signal, endpoint, variables) for signal in SIGNALS}


def _destination(signal: str, endpoint: str | None, variables: Mapping[str, str]) -> Destination:
    def value(name: str) -> str | None:
        return variables.get(f"{_PREFIX}{signal.upper()}_{name}") or variables.get(f"{_PREFIX}{name}")

    url = _url(signal, endpoint, variables)
    _refuse_grpc(url, None if endpoint else value("PROTOCOL"))
    headers = parse_env_headers(value("HEADERS") or "", liberal=True)
    tls = _tls(value("CERTIFICATE"), value("CLIENT_CERTIFICATE"), value("CLIENT_KEY"))
    return Destination(url, headers, _seconds(value("TIMEOUT")), tls if url.startswith("https") else None)


def _url(signal: str, endpoint: str | None, variables: Mapping[str, str]) -> str:
    exact = None if endpoint else variables.get(f"{_PREFIX}{signal.upper()}_ENDPOINT")
    if exact:
        return _checked(exact.strip())
    base = (endpoint or variables.get(f"{_PREFIX}ENDPOINT") or DEFAULT).strip().rstrip("/")
    for other in SIGNALS:
        base = base.removesuffix(f"/v1/{other}")
    return _checked(f"{base}/v1/{signal}")


def _checked(url: str) -> str:
    parts = urlsplit(url)
    try:
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise WrongSetting(f"{url!r} is no address of a Collector; name one such as {DEFAULT}")
    return url


def _refuse_grpc(url: str, protocol: str | None) -> None:
    if (protocol or "").strip().lower() == "grpc" or urlsplit(url).port == _GRPC_PORT:
        raise WrongSetting(
            f"ship speaks OTLP over HTTP, and {urlsplit(url).netloc} is named for gRPC; "
            f"name the Collector's HTTP port: tachograph ship --endpoint {DEFAULT}"
        )


def _seconds(text: str | None) -> float:
    """As OpenTelemetry's own exporters for Python read it: in seconds."""
    try:
        seconds = float(text or 10)
    except ValueError:
        seconds = 0
    if not 0 < seconds < 1e6:
        raise WrongSetting(f"{_PREFIX}TIMEOUT={text!r} is no number of seconds; name one such as 10")
    return seconds


def _tls(authority: str | None, certificate: str | None, key: str | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=authority)
        if certificate:
            context.load_cert_chain(certificate, key)
    except OSError as error:
        raise WrongSetting(f"a certificate named in {_PREFIX}* cannot be used ({error.strerror or error})") from error
    return context
