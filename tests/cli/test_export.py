"""`tachograph export`: what other programs get is whole, in the formats that they read."""

import json
import math
import subprocess
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families
from support import COMMAND, Run, clean_environment
from telemetry import hex_id, line, span
from workload import workload

from tachograph import vocabulary as v

# All that is computed from telemetry; what was read from where is not.
TABLES = ("spans", "logs", "started", "killed", "executions", "evaluations", "adoptions", "failures", "spending")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose store has all of it."""
    folder = tmp_path_factory.mktemp("export")
    (folder / "all.jsonl").write_bytes(b"".join(workload()))
    return read(folder / "all.jsonl", folder / "home")


def read(file: Path, home: Path) -> Path:
    """A new store in `home` of what is in the file."""
    ran = subprocess.run(
        [COMMAND, "ingest", file], env=clean_environment(home), check=False, capture_output=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    return home


@pytest.fixture
def export(tachograph: Run, home: Path) -> Callable[..., Any]:
    """The command over that store."""
    return partial(tachograph, "export", "--format", home=home)


def contents(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables that telemetry fills, in one order."""
    with duckdb.connect(home / "store.duckdb", read_only=True) as store:
        return {name: store.sql(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in TABLES}


def check_lines(text: str) -> None:
    """Every line is an OTLP request below 1 MiB that protobuf reads."""
    for row in text.strip().split("\n"):
        assert len(row.encode()) < 1024 * 1024
        request = ExportTraceServiceRequest() if "resourceSpans" in row else ExportLogsServiceRequest()
        json_format.Parse(row, request)


def test_otlp_is_read_back_to_the_same_store(export: Callable[..., Any], home: Path, tmp_path: Path) -> None:
    """Spans, log records and everything computed from them are the same after a way through OTLP."""
    ran = export("otlp", "-o", tmp_path / "all.otlp.jsonl")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    check_lines((tmp_path / "all.otlp.jsonl").read_text())
    before, after = contents(home), contents(read(tmp_path / "all.otlp.jsonl", tmp_path / "again"))
    assert before == after
    assert all(before[name] for name in TABLES if name != "adoptions")


def test_otlp_of_real_traces_is_read_back_to_the_same_store(tachograph: Run, fixtures: Path, tmp_path: Path) -> None:
    """The same for traces of many instrumentations that nobody here wrote."""
    tachograph("ingest", fixtures / "agent_traces")
    ran = tachograph("export", "--format", "otlp")
    assert ran.returncode == 0
    (tmp_path / "real.jsonl").write_text(ran.stdout)
    assert contents(tmp_path / "home") == contents(read(tmp_path / "real.jsonl", tmp_path / "again"))


def test_otlp_of_a_window(export: Callable[..., Any]) -> None:
    """--since and --until choose by when spans started; an empty window is an empty file."""
    assert export("otlp", "--until", "2000-01-01").stdout == ""
    assert export("otlp", "--since", "2000-01-01").stdout == export("otlp").stdout


def test_span_that_fits_no_line_is_told(tachograph: Run, tmp_path: Path) -> None:
    """It is left out with a line on standard error, and the status says that not all is there."""
    (tmp_path / "big.jsonl").write_bytes(line(span(1, {"text": "x" * 1_100_000}), span(2)))
    assert tachograph("ingest", tmp_path / "big.jsonl").returncode == 0
    ran = tachograph("export", "--format", "otlp")
    assert ran.returncode == 1
    assert len(ran.stderr.splitlines()) == 1
    assert hex_id(1) in ran.stderr
    check_lines(ran.stdout)
    assert hex_id(2) in ran.stdout


def test_parquet_has_a_file_for_each_table(export: Callable[..., Any], home: Path, tmp_path: Path) -> None:
    """pyarrow and DuckDB read the tables back, row for row."""
    folder = tmp_path / "tables"
    ran = export("parquet", "-o", folder)
    assert (ran.returncode, ran.stdout) == (0, "")
    names = {"spans", "executions", "evaluations", "failures", "agent_performance", "recipe_performance", "tool_usage"}
    assert {file.name for file in folder.iterdir()} == {f"{name}.parquet" for name in names}
    with duckdb.connect(home / "store.duckdb", read_only=True) as store:
        for name in sorted(names):
            stored = store.sql(f"SELECT * FROM {name} ORDER BY ALL")
            assert pq.read_table(folder / f"{name}.parquet").column_names == stored.columns
            written = duckdb.sql(f"SELECT * FROM read_parquet('{folder / name}.parquet') ORDER BY ALL")
            assert written.fetchall() == stored.fetchall(), name
    assert pq.read_table(folder / "tool_usage.parquet").num_rows == 56


def test_parquet_of_an_empty_window_has_the_columns(export: Callable[..., Any], tmp_path: Path) -> None:
    """Who reads the folder finds every table, if without rows."""
    assert export("parquet", "-o", tmp_path, "--until", "2000-01-01").returncode == 0
    assert pq.read_table(tmp_path / "spans.parquet").num_rows == 0
    assert "span_id" in pq.read_table(tmp_path / "spans.parquet").column_names


@pytest.mark.parametrize("output", [(), ("-o", "-")])
def test_parquet_needs_a_folder(export: Callable[..., Any], output: tuple[str, ...]) -> None:
    """Standard output cannot be a folder; one line says what to do."""
    ran = export("parquet", *output)
    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == 1
    assert "-o FOLDER" in ran.stderr


@pytest.mark.parametrize("form", ["json", "otlp", "logs", "prometheus", "parquet"])
def test_output_that_cannot_be_written_is_one_line(export: Callable[..., Any], tmp_path: Path, form: str) -> None:
    """A file in place of a folder is wrong use."""
    (tmp_path / "file").touch()
    ran = export(form, "-o", tmp_path / "file" / "below")
    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == 1


def test_of_one_moment_what_began_comes_before_what_ended(export: Callable[..., Any]) -> None:
    """An execution that left only its start record began and ended in the same nanosecond."""
    events = [json.loads(line) for line in export("logs", "-o", "-").stdout.splitlines()]
    lost = [event["event"] for event in events if event.get("span_id") == f"{0x4D:016x}"]
    assert lost == ["dev_agency.execution.started", "recipe_execution"]


@pytest.mark.parametrize("form", ["json", "otlp", "logs", "prometheus"])
def test_streams_go_to_standard_output_or_a_file(export: Callable[..., Any], tmp_path: Path, form: str) -> None:
    """The same either way."""
    assert export(form, "-o", tmp_path / "file").returncode == 0
    said, written = export(form, "-o", "-").stdout, (tmp_path / "file").read_text()
    if form == "json":
        said, written = (json.loads(text)["detailed_metrics"] for text in (said, written))
    assert said == written


def samples(text: str) -> dict[str, Counter[tuple[str, ...]]]:
    """Values by metric and labels, in the order of the contract."""
    found: dict[str, Counter[tuple[str, ...]]] = {}
    order = {metric.prometheus_name: metric.labels for metric in v.METRICS}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            base = sample.name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum")
            names = (*order[base], *(["le"] if "le" in sample.labels else []))
            assert set(sample.labels) == set(names)
            found.setdefault(sample.name, Counter())[tuple(sample.labels[name] for name in names)] = sample.value
    return found


def test_prometheus_says_what_the_store_has(export: Callable[..., Any], home: Path) -> None:
    """Counters, histograms and gauges have the contract's names and labels, and the sums that SQL finds."""
    ran = export("prometheus")
    assert ran.returncode == 0
    found = samples(ran.stdout)
    with duckdb.connect(home / "store.duckdb", read_only=True) as store:
        counts = store.sql(
            "SELECT outcome, count(*) FROM executions WHERE role = 'agent' AND executor IS NULL GROUP BY 1"
        )
        by_outcome: Counter[str] = Counter()
        for (_, outcome, complexity), count in found["dev_agency_agent_invocations_total"].items():
            assert complexity in ("simple", "unknown")
            by_outcome[outcome] += int(count)
        assert dict(by_outcome) == dict(counts.fetchall())
        for name, seconds, n in store.sql(
            "SELECT name, sum(duration_ns) / 1e9, count(*) FROM counted WHERE role = 'recipe' GROUP BY 1"
        ).fetchall():
            assert found["dev_agency_recipe_duration_seconds_count"][name,] == n
            assert found["dev_agency_recipe_duration_seconds_bucket"][name, "+Inf"] == n
            assert math.isclose(found["dev_agency_recipe_duration_seconds_sum"][name,], seconds)
            under = store.execute(
                "SELECT count(*) FROM counted WHERE role = 'recipe' AND name = ? AND duration_ns <= 5e9", [name]
            ).fetchall()[0][0]
            assert found["dev_agency_recipe_duration_seconds_bucket"][name, "5.0"] == under
    assert found["dev_agency_recipe_steps_total"]["recipe-0", "fix", "success"] == 28
    assert found["dev_agency_cli_commands_total"].total() == 56
    # Of two calls of which one lies below the other only the inner one counts.
    assert found["dev_agency_agent_cost_usd_total"].total() == 0.5 * 56
    assert found["dev_agency_agent_quality_score"]["agent-0", "correctness"] == 7.5
    assert found["dev_agency_agent_errors_total"].total() == by_outcome["failure"]
    rates = found["dev_agency_agent_success_rate"]
    assert all(0 < rate < 1 for rate in rates.values())


def test_prometheus_of_an_empty_store(tachograph: Run, tmp_path: Path) -> None:
    """There is nothing to count, which is no fault."""
    (tmp_path / "one.jsonl").write_bytes(line(span(1)))
    assert tachograph("ingest", tmp_path / "one.jsonl").returncode == 0
    ran = tachograph("export", "--format", "prometheus")
    assert (ran.returncode, ran.stdout) == (0, "")
