"""TraceQL expressions of panels and links, parsed by Grafana's own grammar."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from monitoring import traceql

PACKAGE = "@grafana/lezer-traceql@1.0.0"
INSTALLED = Path.home() / ".cache" / "tachograph" / "traceql"

# What the grammar rejects though Tempo takes it, with the reason. It knows no number that begins with a point: `0.5`.
EXCEPTIONS: dict[str, str] = {}


@pytest.fixture(scope="session")
def grammar() -> Path:
    """Where the grammar is installed; once, outside of the checkout."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        assert not os.environ.get("CI"), f"{missing} are missing"
        pytest.skip("needs node and npm")
    if not (INSTALLED / "node_modules").is_dir():
        INSTALLED.mkdir(parents=True, exist_ok=True)
        (INSTALLED / "package.json").write_text('{"private": true}')
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE]
        subprocess.run(command, cwd=INSTALLED, check=True, capture_output=True, timeout=120)
    return INSTALLED


def rejected(grammar: Path, queries: list[str]) -> list[str]:
    """Those that the grammar does not take."""
    command = ["node", str(Path(__file__).with_name("parse.mjs")), str(grammar)]
    parsed = subprocess.run(command, input=json.dumps(queries), capture_output=True, text=True, timeout=60, check=True)
    found: list[str] = json.loads(parsed.stdout)
    return found


def test_every_expression_parses(grammar: Path) -> None:
    """But for the listed exceptions, each of which is still rejected, so that the list stays short."""
    queries = traceql.every()
    names = {query: name for name, query in queries.items()}
    assert {names[query] for query in rejected(grammar, list(queries.values()))} == set(EXCEPTIONS)


def test_the_grammar_rejects_what_is_wrong(grammar: Path) -> None:
    """It tells wrong from right, so the test above says something."""
    wrong = ["{ span.a = }", '{ name = "x"', "{ } | rate(", "span.a > 1"]
    assert rejected(grammar, [*wrong, "{ span.a > 1 }"]) == wrong
