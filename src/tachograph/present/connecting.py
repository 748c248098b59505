"""What has to be set so that a coding agent sends its telemetry to a receiver: variables, or a part of its own file.

The names are those of each tool's documentation, which `Connection.source` names.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

DEFAULT: Final = "http://127.0.0.1:4318"


@dataclass(frozen=True, slots=True)
class Connection:
    """How one tool is connected: variables of its environment, or `snippet` in `file`; either is enough by itself."""

    tool: str
    source: str
    environment: dict[str, str] = field(default_factory=dict)
    file: str | None = None
    snippet: str | None = None
    remarks: list[str] = field(default_factory=list)


def connection(tool: str, url: str) -> Connection:
    """The settings for one of `TOOLS` and the base address of a receiver; KeyError for any other tool."""
    return _TOOLS[tool](url)


def text(made: Connection) -> str:
    """For people: what to set where, in the shape in which it can be copied."""
    parts = [f"# {made.tool}: {made.source}"]
    if made.environment:
        parts += ["", "# in the environment from which it is started:"]
        parts += [f"export {name}={value}" for name, value in made.environment.items()]
    if made.snippet:
        parts += ["", f"# {'or ' if made.environment else ''}in {made.file}:", made.snippet]
    return "\n".join([*parts, "", *(f"# {remark}" for remark in made.remarks)]).rstrip()


def _claude_code(url: str) -> Connection:
    environment = {
        "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
        "CLAUDE_CODE_ENHANCED_TELEMETRY_BETA": "1",
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_LOGS_EXPORTER": "otlp",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_EXPORTER_OTLP_ENDPOINT": url,
    }
    return Connection(
        "Claude Code",
        "https://code.claude.com/docs/en/monitoring-usage",
        environment,
        "~/.claude/settings.json",
        _json({"env": environment}),
        ["Spans are a beta of it; without CLAUDE_CODE_ENHANCED_TELEMETRY_BETA there are events and metrics only."],
    )


def _codex(url: str) -> Connection:
    exporters = (("exporter", "logs"), ("trace_exporter", "traces"), ("metrics_exporter", "metrics"))
    tables = [
        f'[otel.{name}.otlp-http]\nendpoint = "{url}/v1/{signal}"\nprotocol = "binary"' for name, signal in exporters
    ]
    return Connection(
        "Codex",
        "https://developers.openai.com/codex/config-advanced",
        file="~/.codex/config.toml",
        snippet="\n\n".join(["[otel]\nlog_user_prompt = false", *tables]),
        remarks=["It takes no OTEL_EXPORTER_* variables; each endpoint has its path, and protocol has to be there."],
    )


def _gemini(url: str) -> Connection:
    environment = {
        "GEMINI_TELEMETRY_ENABLED": "true",
        "GEMINI_TELEMETRY_TARGET": "local",
        "GEMINI_TELEMETRY_OTLP_ENDPOINT": url,
        "GEMINI_TELEMETRY_OTLP_PROTOCOL": "http",
        "GEMINI_TELEMETRY_LOG_PROMPTS": "false",
        "GEMINI_TELEMETRY_TRACES_ENABLED": "true",
    }
    return Connection(
        "Gemini CLI",
        "https://geminicli.com/docs/cli/telemetry",
        environment,
        "~/.gemini/settings.json",
        _json({"telemetry": {**_telemetry(url), "traces": True}}),
    )


def _qwen(url: str) -> Connection:
    environment = {
        "QWEN_TELEMETRY_ENABLED": "true",
        "QWEN_TELEMETRY_TARGET": "local",
        "QWEN_TELEMETRY_OTLP_ENDPOINT": url,
        "QWEN_TELEMETRY_OTLP_PROTOCOL": "http",
        "QWEN_TELEMETRY_LOG_PROMPTS": "false",
    }
    return Connection(
        "Qwen Code",
        "https://qwenlm.github.io/qwen-code-docs/en/developers/development/telemetry/",
        environment,
        "~/.qwen/settings.json",
        _json({"telemetry": _telemetry(url)}),
    )


def _copilot(url: str) -> Connection:
    environment = {
        "COPILOT_OTEL_ENABLED": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": url,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    }
    named = {"enabled": True, "exporterType": "otlp-http", "otlpEndpoint": url}
    return Connection(
        "GitHub Copilot",
        "https://code.visualstudio.com/docs/copilot/guides/monitoring-agents",
        environment,
        "the settings.json of VS Code (Copilot Chat)",
        _json({f"github.copilot.chat.otel.{name}": value for name, value in named.items()}),
        ["The variables hold for Copilot CLI, and for VS Code where it is started from that environment."],
    )


def _telemetry(url: str) -> dict[str, Any]:
    return {"enabled": True, "target": "local", "otlpEndpoint": url, "otlpProtocol": "http", "logPrompts": False}


def _json(value: Any) -> str:
    return json.dumps(value, indent=2)


_TOOLS: Final[dict[str, Callable[[str], Connection]]] = {
    "claude-code": _claude_code,
    "codex": _codex,
    "gemini": _gemini,
    "qwen": _qwen,
    "copilot": _copilot,
}
TOOLS: Final = tuple(_TOOLS)
