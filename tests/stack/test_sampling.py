"""Golden: of many traces the sampler keeps the failed, the slow and the costly whole, and metrics know all of them."""

from typing import Any

from collectors import StartCollector, request_of
from programs import until
from test_counting import scraped

from tachograph import vocabulary as v

AGENT = {v.OPERATION: "invoke_agent", v.AGENT_NAME: "a"}
ERROR = {"code": 2}
# name of the trace -> what its inner span says
TRACES: dict[str, dict[str, Any]] = {
    "quick and cheap": {},
    "another one": {"attributes": {v.COST_USD: 0.49, v.EXIT_CODE: 0, v.OUTCOME: "success"}, "seconds": 59},
    "failed": {"status": ERROR},
    "failed by outcome": {"attributes": {v.OUTCOME: "timeout"}},
    "failed by exit code": {"attributes": {v.EXIT_CODE: 3}},
    "slow": {"seconds": 61},
    "costly": {"attributes": {v.COST_USD: 0.5}},
    "many tokens": {"attributes": {v.TOTAL_TOKENS: 100_000}},
}
KEPT = set(TRACES) - {"quick and cheap", "another one"}


def _spans() -> list[dict[str, Any]]:
    spans: list[dict[str, Any]] = []
    for number, (name, inner) in enumerate(TRACES.items(), 1):
        ids = {"trace": format(number, "032x")}
        spans.append({**ids, "name": name, "id": format(number, "016x"), "attributes": AGENT})
        inner_ids = {"id": format(100 + number, "016x"), "parent": format(number, "016x")}
        spans.append({**ids, "name": "inner", **inner_ids, **inner})
    return spans


def test_the_sampler_keeps_what_matters(collector: StartCollector) -> None:
    """Whole traces; executions are counted before it, so the metrics hold those that it dropped."""
    none_of_the_rest = {"COLLECTOR_SAMPLING_WAIT": "1s", "COLLECTOR_SAMPLING_PERCENT": "0"}
    running = collector(COLLECTOR_SAMPLING="[tail_sampling]", **none_of_the_rest)
    assert running.send(request_of(*_spans())) == 200
    until("the sampler has decided", lambda: len(running.spans()) >= 2 * len(KEPT))
    running.stop()
    written = running.spans()
    assert {span["name"] for span in written} - {"inner"} == KEPT
    assert len(written) == 2 * len(KEPT)


def test_metrics_are_counted_before_sampling(collector: StartCollector) -> None:
    """All executions, also those whose traces are dropped."""
    running = collector(COLLECTOR_SAMPLING="[tail_sampling]", COLLECTOR_SAMPLING_PERCENT="0")
    assert running.send(request_of(*_spans())) == 200
    key = ("dev_agency_agent_invocations_total", 'agent_name="a",outcome="success",task_complexity="unknown"')
    until("all are counted", lambda: scraped(running).get(key) == len(TRACES))


def test_sampling_is_off_by_default(collector: StartCollector) -> None:
    """Every span is kept."""
    running = collector()
    assert running.send(request_of(*_spans())) == 200
    until("all are written", lambda: len(running.spans()) == 2 * len(TRACES))
