"""End to end: short-lived processes, 8 at a time, over OTLP into the Collector, and a Prometheus that scrapes it."""

import contextlib
import json
import math
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path

import pytest
from collectors import Collector, Prometheus, StartCollector
from programs import until
from support import COMMAND, LAUNCHER, clean_environment, spooled
from totals import Totals, totals

from tachograph.cli.demo import JOBS

AGENCY = Path(__file__).resolve().parents[2] / "examples" / "agency"
BUYER = Path(__file__).with_name("buyer.py")
AT_A_TIME = 8
COUNTED = '{__name__=~"dev_agency_.*_(total|bucket|sum|count)",__name__!="dev_agency_telemetry_dropped_total"}'
# Labels that say where a sample was scraped and not what it means.
ELSEWHERE = {"__name__", "job", "instance", "carrier"}


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[list[Prometheus]]:
    """Those that the test starts, stopped at the end."""
    started: list[Prometheus] = []
    yield started
    for one in started:
        one.stop()


def jobs(count: int) -> list[Sequence[str]]:
    """What is run: the jobs of the demo, over and over."""
    return [[sys.executable, "-m", "agency", *job] for job in islice(cycle(JOBS), count)]


def run(job: Sequence[str], home: Path, collector: Collector) -> None:
    """One process under the launcher, which may take its time at exit to deliver all."""
    endpoint = f"http://127.0.0.1:{collector.grpc}"
    variables = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_SERVICE_NAME": "agency",
        "TACHOGRAPH_EXIT_MS": "30000",
        "PYTHONPATH": str(AGENCY),
    }
    environment = clean_environment(home, **variables)
    ended = subprocess.run([LAUNCHER, *job], cwd=AGENCY, env=environment, capture_output=True, timeout=120, check=False)
    assert ended.returncode in (0, 1, 2), ended.stderr.decode()


def held(prometheus: Prometheus) -> Totals:
    """What Prometheus holds now."""
    found: Totals = {}
    for labels, value in prometheus.query(COUNTED).items():
        kept = tuple((k, str(float(v)) if k == "le" else v) for k, v in labels if k not in ELSEWHERE)
        series = found.setdefault(dict(labels)["__name__"], {})
        assert kept not in series, f"two series for {labels}"
        series[kept] = value
    return found


def differences(found: Totals, expected: Totals) -> list[str]:
    """Every series that is missing, too many, or has another value (sums of seconds and dollars to 1e-9)."""
    lines = []
    for metric in sorted(found.keys() | expected.keys()):
        is_, should = found.get(metric, {}), expected.get(metric, {})
        for labels in sorted(is_.keys() | should.keys()):
            one, other = is_.get(labels, math.nan), should.get(labels, math.nan)
            if not math.isclose(one, other, rel_tol=1e-9):
                lines.append(f"{metric}{dict(labels)}: {one} instead of {other}")
    return lines


def test_prometheus_holds_exactly_what_happened(
    collector: StartCollector, prometheus: list[Prometheus], tmp_path: Path
) -> None:
    """Forty runs of the agency and eight of another program: each counter and histogram, label by label, and one
    series for each set of labels however many processes there were."""
    running, home = collector(), tmp_path / "home"
    prometheus.append(Prometheus(tmp_path / "prometheus", running.metrics).start())
    buyers = [[sys.executable, str(BUYER), how] for how in ("buy", "fail") * 4]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(lambda job: run(job, home, running), [*jobs(40), *buyers]))
    spans = spooled(home)
    expected = totals(spans)
    assert len(expected["dev_agency_agent_invocations_total"]) > 5
    assert "dev_agency_agent_cost_usd_total" in expected
    assert "dev_agency_agent_context_size_tokens_sum" in expected
    until("all spans have arrived", lambda: len(running.spans()) >= len(spans), 60)
    with contextlib.suppress(AssertionError):  # where it fails, the next line says what differs
        until("Prometheus has scraped them", lambda: not differences(held(prometheus[0]), expected), 20)
    assert differences(held(prometheus[0]), expected) == []
    print(f"\n{len(spans)} spans, {sum(map(len, expected.values()))} series")
    until("the Collector counts what it loses", lambda: prometheus[0].query("dev_agency_telemetry_dropped_total"))
    assert set(prometheus[0].query("dev_agency_telemetry_dropped_total").values()) == {0}


def test_a_killed_collector_loses_no_span(
    collector: StartCollector, prometheus: list[Prometheus], tmp_path: Path
) -> None:
    """With the Collector killed in the middle and started again, `ingest` of its file and of the spool has every span
    once. Prometheus may differ: the counts that nobody had scraped died with it, and what was delivered but not
    acknowledged is delivered, and counted, again."""
    running, home = collector(), tmp_path / "home"
    prometheus.append(Prometheus(tmp_path / "prometheus", running.metrics).start())
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        working = [pool.submit(run, job, home, running) for job in jobs(16)]
        until("some have arrived", lambda: len(running.spans()) > 50, 60)
        running.stop(signal.SIGKILL)
        running.start()
        for one in working:
            one.result()
    spans = spooled(home)
    delivered = {span["spanId"] for span in running.spans()}
    assert delivered <= {span.id for span in spans}
    answer = subprocess.run(
        [COMMAND, "ingest", running.written.parent, home / "spool", "--format", "json"],
        env=clean_environment(tmp_path / "desk"),
        capture_output=True,
        text=True,
        check=True,
    )
    counts = json.loads(answer.stdout)
    assert counts["spans"] == len(spans)
    assert counts["rejected"] <= 1  # the line in the middle of which the Collector may have died
    assert _stored(tmp_path / "desk" / "store.duckdb") == {span.id for span in spans}
    print(f"\n{len(spans)} spans; not in the Collector's file: {[s.name for s in spans if s.id not in delivered]}")
    _explain(prometheus[0], totals(spans))


def _stored(store: Path) -> set[str]:
    import duckdb

    with duckdb.connect(store, read_only=True) as connection:
        return {row[0] for row in connection.sql("SELECT span_id FROM spans").fetchall()}


def _explain(prometheus: Prometheus, expected: Totals) -> None:
    """Print what Prometheus counted over the restart, where counters begin again at zero, beside what happened. Less:
    counted after the last scrape before the kill, or taken but not yet counted. More: not acknowledged, sent again."""
    until("it was scraped after the restart", lambda: held(prometheus), 20)
    for name in ("agent_invocations", "recipe_steps", "cli_commands"):
        metric = f"dev_agency_{name}_total"
        counted, happened = prometheus.counted(metric), sum(expected[metric].values())
        print(f"{metric}: Prometheus {counted:g}, happened {happened:g}, difference {counted - happened:+g}")
        assert counted > 0
