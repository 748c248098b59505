"""What is counted from spans and scores that no run of the agency has: by hand in, from the scrape out."""

import re
import urllib.request
from typing import Any

import pytest
from collectors import Collector, StartCollector, request_of
from programs import until

from tachograph import vocabulary as v
from tachograph.deliver.metrics.recorder import BUCKETS

AGENT = {v.OPERATION: "invoke_agent", v.AGENT_NAME: "a"}
CALL = {v.OPERATION: "chat", v.AGENT_NAME: "a", v.REQUEST_MODEL: "m", v.INPUT_TOKENS: 10, v.COST_USD: 0.5}
_SAMPLE = re.compile(r"^(\w+)\{(.*)\} (\S+)")


def scraped(collector: Collector) -> dict[tuple[str, str], float]:
    """(metric, labels without job and carrier) -> value, of everything of ours."""
    with urllib.request.urlopen(f"http://127.0.0.1:{collector.metrics}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    found = [sample for line in lines if line.startswith("dev_agency") and (sample := _SAMPLE.match(line))]
    return {(sample[1], _meaning(sample[2])): float(sample[3]) for sample in found}


def _meaning(labels: str) -> str:
    return ",".join(pair for pair in labels.split(",") if not pair.startswith(("job=", "carrier=")))


def counted(collector: Collector, *spans: dict[str, Any]) -> dict[tuple[str, str], float]:
    """What is scraped once these spans were counted, which a last one tells."""
    last = {"name": "app", "attributes": {v.COMMAND_NAME: "last"}}
    assert collector.send(request_of(*spans, last)) == 200
    key = ("dev_agency_cli_commands_total", 'command="last",outcome="success"')
    until("all are counted", lambda: key in scraped(collector))
    return {key: value for key, value in scraped(collector).items() if '"last"' not in key[1]}


def test_tokens_and_cost_count_once(collector: StartCollector) -> None:
    """A span that tachograph saw says whether it repeats what lies below; of others only model calls count."""
    found = counted(
        collector(),
        {"name": "chat m", "attributes": CALL},
        {"name": "outer chat", "attributes": {**CALL, v.TOKENS_LEAF: False, v.COST_LEAF: False}},
        {"name": "foreign totals", "attributes": {**AGENT, v.INPUT_TOKENS: 10, v.COST_USD: 0.5}},
        {"name": "own totals", "attributes": {**AGENT, v.INPUT_TOKENS: 1, v.TOKENS_LEAF: True}},
        {"name": "no counts", "attributes": {**CALL, v.INPUT_TOKENS: -1, v.OUTPUT_TOKENS: "12", v.COST_USD: -1}},
        {"name": "whole as a float", "attributes": {**CALL, v.INPUT_TOKENS: 100.0, v.CACHE_READ_TOKENS: 160}},
    )
    tokens = {labels: value for (name, labels), value in found.items() if name == "dev_agency_agent_tokens_total"}
    expected = {"input": 11, "cache_read": 160, "cache_write": 0, "output": 0}
    assert tokens == {f'agent_name="a",token_type="{kind}"': count for kind, count in expected.items()}
    assert found["dev_agency_agent_cost_usd_total", 'agent_name="a",model="m"'] == 1.0


def test_people_and_skipped_work_count_as_the_contract_says(collector: StartCollector) -> None:
    """A person's execution counts nowhere; a skipped one by its outcome only; a word that is no outcome not at all."""
    found = counted(
        collector(),
        {"name": "by hand", "attributes": {**AGENT, v.EXECUTOR: "human"}},
        {"name": "skipped", "attributes": {**AGENT, v.OUTCOME: "skip"}},
        {"name": "odd", "attributes": {**AGENT, v.OUTCOME: "splendid", v.COMPLEXITY: "odd"}, "status": {"code": 2}},
    )
    invocations = {labels: n for (name, labels), n in found.items() if name == "dev_agency_agent_invocations_total"}
    of = 'agent_name="a",outcome="{}",task_complexity="unknown"'
    assert invocations == {of.format("skip"): 1, of.format("failure"): 1}
    assert found["dev_agency_agent_duration_seconds_count", 'agent_name="a",task_complexity="unknown"'] == 1
    assert found["dev_agency_agent_errors_total", 'agent_name="a",error_type="unknown"'] == 1


def test_scores_on_spans_and_in_log_records_are_added_up(collector: StartCollector) -> None:
    """For the recording rules of the gauges: points and their number; what is off the scale is no score."""
    running = collector()
    event = {"name": v.EVALUATION_RESULT, "timeUnixNano": "1763800000000000000"}
    scores = [(7, "overall"), (8.5, "overall"), (3, "correctness"), (11, "overall"), (4, "user_satisfaction")]
    events = [{**event, "attributes": {v.EVALUATION_NAME: d, v.EVALUATION_SCORE: s}} for s, d in scores]
    record = {
        "timeUnixNano": "1763800000000000000",
        "eventName": v.EVALUATION_RESULT,
        "attributes": [
            {"key": v.EVALUATION_NAME, "value": {"stringValue": "overall"}},
            {"key": v.EVALUATION_SCORE, "value": {"doubleValue": 2.5}},
            {"key": v.AGENT_NAME, "value": {"stringValue": "b"}},
        ],
    }
    assert running.send({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}, "logs") == 200
    reviewed = ("dev_agency_agent_quality_points_total", 'agent_name="b",quality_dimension="overall"')
    until("the log record is counted", lambda: reviewed in scraped(running))
    found = counted(running, {"name": "x", "attributes": {**AGENT, v.RECIPE_NAME: "r"}, "events": events})
    assert found[reviewed] == 2.5
    points, reviews = "dev_agency_agent_quality_points_total", "dev_agency_agent_quality_reviews_total"
    overall = 'agent_name="a",quality_dimension="overall"'
    assert (found[points, overall], found[reviews, overall]) == (15.5, 2)
    assert found[points, 'agent_name="a",quality_dimension="correctness"'] == 3
    assert found["dev_agency_recipe_satisfaction_points_total", 'recipe_name="r"'] == 4
    assert found["dev_agency_recipe_satisfaction_ratings_total", 'recipe_name="r"'] == 1


def test_buckets_are_those_of_a_process(collector: StartCollector) -> None:
    """A dashboard may add up what processes and a Collector have counted."""
    recipe = {v.OPERATION: "invoke_workflow", v.RECIPE_NAME: "r"}
    step = {v.STEP_NAME: "s", v.STEP_INDEX: 0, v.RECIPE_NAME: "r"}
    units = ({**AGENT, v.CONTEXT_SIZE: 5}, recipe, step, {v.COMMAND_NAME: "c"})
    found = counted(collector(), *({"name": "x", "attributes": attributes} for attributes in units))
    for metric in v.METRICS:
        if metric.kind == v.HISTOGRAM:
            name = f"{metric.prometheus_name}_bucket"
            bounds = [float(_bound(labels)) for found_name, labels in found if found_name == name]
            assert sorted(bounds) == [*BUCKETS[metric.name], float("inf")]


def _bound(labels: str) -> str:
    bound = re.search('le="([^"]+)"', labels)
    assert bound
    return bound[1]


def test_the_number_of_series_is_bounded(collector: StartCollector) -> None:
    """Beyond the limit new sets of labels are dropped; those that are known go on. A long value is cut."""
    running = collector(COLLECTOR_SERIES="3")
    commands = [{"name": "x", "attributes": {v.COMMAND_NAME: f"{number:04}" * 100}} for number in range(50)]
    for _ in range(2):
        assert running.send(request_of(*commands)) == 200
    until("known ones are counted again", lambda: 2 in scraped(running).values())
    found = {labels for _, labels in scraped(running) if "command=" in labels and "le=" not in labels}
    assert len(found) <= 3
    assert all(len(labels) < 300 for labels in found)


@pytest.mark.parametrize(("switch", "value"), [("spans", 1), ("metrics", 100)])
def test_one_switch_says_who_counts(collector: StartCollector, switch: str, value: int) -> None:
    """Spans and the metrics of the programs say the same; exactly one of the two is exposed."""
    running = collector(COLLECTOR_COUNT=switch)
    assert running.send(_invocations(100), "metrics") == 200
    assert running.send(request_of({"name": "invoke_agent a", "attributes": AGENT})) == 200
    key = ("dev_agency_agent_invocations_total", 'agent_name="a",outcome="success",task_complexity="unknown"')
    for_certain = {"name": "tachograph.counted", "attributes": {v.COMMAND_NAME: "x"}}
    assert running.send(request_of(for_certain)) == 200
    until("one is exposed", lambda: key in scraped(running))
    assert scraped(running)[key] == value
    commands = [labels for name, labels in scraped(running) if name == "dev_agency_cli_commands_total"]
    assert not commands or switch == "spans"


def _invocations(count: int) -> dict[str, Any]:
    labels = {"agent_name": "a", "outcome": "success", "task_complexity": "unknown"}
    point = {
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in labels.items()],
        "startTimeUnixNano": "1763800000000000000",
        "timeUnixNano": "1763800001000000000",
        "asInt": str(count),
    }
    total = {"dataPoints": [point], "aggregationTemporality": 2, "isMonotonic": True}
    metric = {"name": "dev_agency.agent.invocations", "unit": "{invocation}", "sum": total}
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "test"}}]}
    return {"resourceMetrics": [{"resource": resource, "scopeMetrics": [{"metrics": [metric]}]}]}
