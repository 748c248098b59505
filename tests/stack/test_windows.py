"""How executions are counted in a window, where `increase` alone would go wrong."""

from pathlib import Path

import pytest
import yaml
from binaries import RULES, promtool

SERIES = 'dev_agency_agent_invocations_total{agent_name="coder", outcome="failure", task_complexity="simple"}'
RECORDED = 'agent_name_outcome:dev_agency_agent_invocations_total:increase1h{agent_name="coder", outcome="failure"}'


@pytest.mark.parametrize(
    ("values", "at", "count"),
    [
        pytest.param("_x29 1x90", "40m", 1, id="the first failure counts"),
        pytest.param("_x29 1x90", "85m", 1, id="as long as it is in the window"),
        pytest.param("_x29 1x90", "95m", 0, id="and no longer"),
        pytest.param("_x29 3 5 9x90", "40m", 9, id="nothing is guessed of a series that began"),
        pytest.param("7x90 8x60", "100m", 1, id="one that was there before counts by its growth"),
        pytest.param("500x60 _x29 500x90", "100m", 0, id="one that was not seen for half an hour is not counted again"),
        pytest.param("500x60 _x89 500x90", "155m", 0, id="nor for an hour and a half"),
        pytest.param("_x29 4x9 2x90", "60m", 2, id="after a reset the new value counts; what came before began unseen"),
        pytest.param("10x80 0x9 3x90", "100m", 3, id="a reset of one that was there before takes nothing away"),
    ],
)
def test_count_in_an_hour(values: str, at: str, count: int, tmp_path: Path) -> None:
    """The recorded number of failures of the hour before; rounded, as `increase` reaches for the borders of an hour."""
    expected = [{"labels": '{agent_name="coder", outcome="failure"}', "value": count}]
    asked = {"expr": f"round({RECORDED})", "eval_time": at, "exp_samples": expected}
    run = {"interval": "1m", "input_series": [{"series": SERIES, "values": values}], "promql_expr_test": [asked]}
    rules = next(file for file in RULES if file.stem == "recording")
    file = tmp_path / "test.yaml"
    content = {"rule_files": [str(rules)], "evaluation_interval": "1m", "tests": [run]}
    file.write_text(yaml.safe_dump(content))
    tested = promtool("test", "rules", file)
    assert tested.returncode == 0, tested.stdout + tested.stderr
