"""The sample agency under the real launcher: what the spool's lines say and what the command line says are the same."""

import itertools
import json
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from support import LAUNCHER, Span, clean_environment, spooled

AGENCY = Path(__file__).resolve().parents[2] / "examples" / "agency"
BIN = Path(sys.executable).parent
JOBS = (
    ("recipe", "run", "fix_bug", "--issue", "TB-4"),
    ("recipe", "run", "fix_bug", "--issue", "TB-6"),
    ("recipe", "run", "release", "--issue", "TB-8"),
    ("agent", "invoke", "security", "--issue", "TB-9"),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that four runs of the agency, one after the other, have filled and that was ingested."""
    home = tmp_path_factory.mktemp("agency") / "home"
    for job in JOBS:
        ended = subprocess.run([LAUNCHER, BIN / "agency", *job], cwd=AGENCY, env=clean_environment(home), timeout=120)
        assert ended.returncode == (0 if "TB-4" in job else 1)
    answer(home, "ingest")
    return home


@pytest.fixture(scope="module")
def spans(home: Path) -> list[Span]:
    return spooled(home)


def answer(home: Path, *arguments: str) -> Any:
    command = [BIN / "tachograph", *arguments, "--format", "json"]
    ended = subprocess.run(command, env=clean_environment(home), capture_output=True, text=True, timeout=60, check=True)
    assert ended.stderr == ""
    return json.loads(ended.stdout)


def of(spans: list[Span], operation: str) -> list[Span]:
    return [span for span in spans if span.attributes.get("gen_ai.operation.name") == operation]


def total(span: Span) -> int:
    return span.attributes.get("gen_ai.usage.input_tokens", 0) + span.attributes.get("gen_ai.usage.output_tokens", 0)


def failed(command: Span) -> bool:
    return command.attributes["process.exit.code"] != 0


def thrown_away(span: Span, by_id: dict[str, Span]) -> bool:
    """By hand: anything around the call, up to but not including the command, that did not succeed."""
    failed = []
    at: Span | None = span
    while at is not None and "dev_agency.command.name" not in at.attributes:
        failed.append(at.status["code"] == 2)
        at = by_id.get(at.parent)
    return any(failed)


def test_agents_are_what_the_spool_says(home: Path, spans: list[Span]) -> None:
    """Counts and tokens exactly, durations to 1e-9, for every agent."""
    by_id = {span.id: span for span in spans}
    executions: dict[str, list[Span]] = defaultdict(list)
    for span in of(spans, "invoke_agent"):
        executions[span.attributes["gen_ai.agent.name"]].append(span)
    tokens: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for call in of(spans, "chat"):
        count = tokens[call.attributes["gen_ai.agent.name"]]
        count[0] += call.attributes.get("gen_ai.usage.input_tokens", 0)
        count[1] += call.attributes.get("gen_ai.usage.output_tokens", 0)
        count[2] += total(call) if thrown_away(call, by_id) else 0
    answers = {agent["agent_name"]: agent for agent in answer(home, "agents")}
    assert answers.keys() == executions.keys()
    for name, runs in executions.items():
        found = answers[name]
        durations = [(run.end - run.start) / 1e6 for run in runs]
        assert found["total_invocations"] == len(runs)
        assert found["successful_invocations"] == sum(run.status["code"] != 2 for run in runs)
        assert found["avg_duration_ms"] == pytest.approx(statistics.fmean(durations), rel=1e-9)
        assert found["p50_duration_ms"] == pytest.approx(statistics.median(durations), rel=1e-9)
        assert [found["tokens"][kind] for kind in ("input", "output", "wasted")] == tokens[name]
        assert sum(day["invocation_count"] for day in found["trends"]["daily"]) == len(runs)
        counted = sum(found["performance_by_complexity"][c]["count"] for c in found["performance_by_complexity"])
        assert counted == len(runs)


def test_recipes_are_what_the_spool_says(home: Path, spans: list[Span]) -> None:
    """Executions, durations, steps and their errors."""
    answers = {recipe["recipe_name"]: recipe for recipe in answer(home, "recipes")}
    for name in ("fix_bug", "release"):
        runs = [run for run in of(spans, "invoke_workflow") if run.attributes["gen_ai.workflow.name"] == name]
        steps = [
            span
            for span in spans
            if span.name.startswith("step ")
            and span.attributes["gen_ai.workflow.name"] == name
            and span.attributes["dev_agency.outcome"] != "skip"  # which counts nowhere
        ]
        found = answers[name]
        assert found["total_executions"] == len(runs)
        mean = statistics.fmean((run.end - run.start) / 1e6 for run in runs)
        assert found["avg_duration_ms"] == pytest.approx(mean, rel=1e-9)
        completed = statistics.fmean(run.attributes["dev_agency.recipe.steps_completed"] for run in runs)
        assert found["avg_steps_completed"] == pytest.approx(completed)
        assert found["step_performance"].keys() == {step.attributes["dev_agency.step.name"] for step in steps}
    assert answers["fix_bug"]["step_performance"]["implement"]["common_failures"] == ["lint_findings"]
    assert answers["fix_bug"]["dependency_impact"]["circular_dependency_errors"] == 0
    assert answers["fix_bug"]["dependency_impact"]["avg_dependency_resolution_time"] > 0
    assert answers["fix_bug"]["time_savings_base"] == "estimated"
    assert answers["release"]["avg_time_savings_pct"] is None


def test_marks_on_spans_and_sums_in_the_store_agree(home: Path, spans: list[Span]) -> None:
    """Two computations of the same thing: objects in the traced process, arrays over the store."""
    import duckdb

    with duckdb.connect(home / "store.duckdb", read_only=True) as store:
        rows = store.sql(
            "SELECT span_id, role, input_tokens + cache_read_tokens + cache_write_tokens + output_tokens, wasted_tokens"
            " FROM executions WHERE role IN ('agent', 'recipe')"
        ).fetchall()
    marked = {span.id: span.attributes for span in spans}
    with_tokens = [row for row in rows if "dev_agency.tokens.total" in marked[row[0]]]
    assert with_tokens
    for span_id, role, tokens, wasted in rows:
        assert marked[span_id].get("dev_agency.tokens.total", 0) == tokens
        if role == "recipe":  # an agent cannot know yet that its recipe will fail
            assert marked[span_id].get("dev_agency.tokens.wasted", 0) == wasted


def test_the_key_figures_are_what_the_spool_says(home: Path, spans: list[Span]) -> None:
    """All seven, with n; one day of data has no trend."""
    kpis = {(kpi["category"], kpi["kpi"]): kpi for kpi in answer(home, "report")["summary"]["kpis"]}
    agents, recipes, calls = of(spans, "invoke_agent"), of(spans, "invoke_workflow"), of(spans, "chat")
    commands = [span for span in spans if "dev_agency.command.name" in span.attributes]
    by_id = {span.id: span for span in spans}
    wasted = sum(total(call) for call in calls if thrown_away(call, by_id))
    expected = {
        ("Agent", "success rate"): (1 - sum(a.status["code"] == 2 for a in agents) / len(agents), len(agents)),
        ("Agent", "average response time"): (statistics.fmean((a.end - a.start) / 1e9 for a in agents), len(agents)),
        ("Agent", "token efficiency"): (1 - wasted / sum(map(total, calls)), 4),
        ("Recipe", "success rate"): (1 / 3, len(recipes)),
        ("Recipe", "time savings"): (1 - (recipes[0].end - recipes[0].start) / 1e9 / 5400, 1),
        ("Tool", "CLI adoption"): (1.0, 1),
        ("Tool", "error rate"): (sum(map(failed, commands)) / len(commands), len(commands)),
    }
    assert kpis.keys() == expected.keys()
    for name, (value, n) in expected.items():
        assert kpis[name]["current"] == pytest.approx(value, rel=1e-9), name
        assert kpis[name]["n"] == n, name
        assert kpis[name]["trend"]["verdict"] == "not enough data"


def test_errors_begin_where_the_spool_says(home: Path, spans: list[Span]) -> None:
    """At the failed spans with nothing failed below; what failed inside work that succeeded was made good."""
    failed = [span for span in spans if span.status["code"] == 2]
    handed_on = {span.parent for span in failed}
    began = {span.id for span in failed if span.id not in handed_on}
    errors = answer(home, "errors")
    assert {member for pattern in errors for member in pattern["member_span_ids"]} == began
    assert sum(pattern["count"] for pattern in errors) == len(began)
    assert {"lint_findings", "<*> tokens do not fit into <*>"} <= {pattern["pattern"] for pattern in errors}


def test_commands_are_what_the_spool_says(home: Path, spans: list[Span]) -> None:
    """Every command counts; what follows what is told of those that were typed, in that order."""
    commands = sorted((s for s in spans if "dev_agency.command.name" in s.attributes), key=lambda span: span.start)
    names = [span.attributes["dev_agency.command.name"] for span in commands]
    tools = {tool["command"]: tool for tool in answer(home, "tools")}
    assert {name: tool["count"] for name, tool in tools.items()} == Counter(names)
    typed = [command for command in commands if not command.parent]
    pairs = Counter(itertools.pairwise(command.attributes["dev_agency.command.name"] for command in typed))
    found = [sequence for tool in tools.values() for sequence in tool["sequences"] if len(sequence["commands"]) == 2]
    assert {tuple(sequence["commands"]): sequence["count"] for sequence in found} == pairs
    last = typed[-1].attributes
    assert tools[last["dev_agency.command.name"]]["abandoned"] == (last["process.exit.code"] != 0)


def test_a_trace_shows_every_span_and_its_critical_path(home: Path, spans: list[Span]) -> None:
    """The path covers the root from start to end; a unique beginning of the id is enough."""
    root = next(span for span in spans if not span.parent)
    made = answer(home, "trace", root.trace[:12])
    assert {span["span_id"] for span in made["spans"]} == {span.id for span in spans if span.trace == root.trace}
    path = made["critical_path"]
    assert (path[0]["start_unix_nano"], path[-1]["end_unix_nano"]) == (root.start, root.end)
    assert all(a["end_unix_nano"] == b["start_unix_nano"] for a, b in itertools.pairwise(path))
    assert not made["partial"]


def test_ingesting_again_adds_nothing(home: Path, spans: list[Span]) -> None:
    """Everything is known already."""
    assert answer(home, "ingest") == {"spans": 0, "executions": 0, "duplicates": len(spans), "rejected": 0}


def test_nothing_private_is_written(spans: list[Span], home: Path) -> None:
    """No user name, no folder of theirs; of a command's arguments the names of its options, never a value."""
    text = "".join(file.read_text() for file in (home / "spool").iterdir())
    assert str(Path.home()) + "/" not in text
    assert not any(issue in text for issue in ("TB-4", "TB-6", "TB-8", "TB-9"))
    assert {len(span.attributes["user.id"]) for span in spans} == {16}
