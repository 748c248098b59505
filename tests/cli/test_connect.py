"""`tachograph doctor --connect` prints what each coding agent's documentation names, for the receiver that runs."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from receiving import receiving
from support import Run

URL = "http://127.0.0.1:4318"
OTLP = {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_ENDPOINT": URL}
TELEMETRY = {"enabled": True, "target": "local", "otlpEndpoint": URL, "otlpProtocol": "http", "logPrompts": False}
CLAUDE = OTLP | {
    "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
    "CLAUDE_CODE_ENHANCED_TELEMETRY_BETA": "1",
    "OTEL_TRACES_EXPORTER": "otlp",
    "OTEL_LOGS_EXPORTER": "otlp",
    "OTEL_METRICS_EXPORTER": "otlp",
}
COPILOT = {"enabled": True, "exporterType": "otlp-http", "otlpEndpoint": URL}


def forked(prefix: str) -> dict[str, str]:
    """The variables of Gemini CLI, and of its fork."""
    values = {
        "ENABLED": "true",
        "TARGET": "local",
        "OTLP_ENDPOINT": URL,
        "OTLP_PROTOCOL": "http",
        "LOG_PROMPTS": "false",
    }
    return {f"{prefix}_TELEMETRY_{name}": value for name, value in values.items()}


EXPECTED: dict[str, tuple[dict[str, str], str, dict[str, Any]]] = {
    "claude-code": (CLAUDE, "~/.claude/settings.json", {"env": CLAUDE}),
    "gemini": (
        forked("GEMINI") | {"GEMINI_TELEMETRY_TRACES_ENABLED": "true"},
        "~/.gemini/settings.json",
        {"telemetry": TELEMETRY | {"traces": True}},
    ),
    "qwen": (forked("QWEN"), "~/.qwen/settings.json", {"telemetry": TELEMETRY}),
    "copilot": (
        OTLP | {"COPILOT_OTEL_ENABLED": "true"},
        "the settings.json of VS Code (Copilot Chat)",
        {f"github.copilot.chat.otel.{name}": value for name, value in COPILOT.items()},
    ),
}


@pytest.mark.parametrize("tool", EXPECTED)
def test_settings(tool: str, tachograph: Run) -> None:
    """The variables and the file of a tool, as JSON and as lines that a shell takes."""
    environment, file, content = EXPECTED[tool]
    told = json.loads(tachograph("doctor", "--connect", tool, "--format", "json").stdout)
    assert (told["environment"], told["file"], json.loads(told["snippet"])) == (environment, file, content)
    lines = tachograph("doctor", "--connect", tool).stdout.splitlines()
    assert {f"export {name}={value}" for name, value in environment.items()} <= set(lines)


def test_codex(tachograph: Run) -> None:
    """Codex has a file only, with an endpoint for each signal."""
    ended = tachograph("doctor", "--connect", "codex")
    told = tomllib.loads(ended.stdout)["otel"]
    signals = {"exporter": "logs", "trace_exporter": "traces", "metrics_exporter": "metrics"}
    exporters = {
        name: {"otlp-http": {"endpoint": f"{URL}/v1/{signal}", "protocol": "binary"}}
        for name, signal in signals.items()
    }
    assert told == {"log_user_prompt": False, **exporters}
    assert "tachograph receive" in ended.stderr


def test_the_receiver_that_runs_is_named(tmp_path: Path, tachograph: Run) -> None:
    """Where a receiver runs on another port, that is what is printed; --endpoint names any other one."""
    with receiving(tmp_path / "home") as receiver:
        ended = tachograph("doctor", "--connect", "gemini")
        assert f"GEMINI_TELEMETRY_OTLP_ENDPOINT=http://127.0.0.1:{receiver.port}\n" in ended.stdout
        assert ended.stderr == ""
    named = tachograph("doctor", "--connect", "gemini", "--endpoint", "http://collector:4318/")
    assert "GEMINI_TELEMETRY_OTLP_ENDPOINT=http://collector:4318\n" in named.stdout
