"""Places from which calls take longer, told from times, and from servers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from workshop import Execution, told

from tachograph.detect import judge
from tachograph.measure.history import gathered
from tachograph.records import BottleneckDetection, Window
from tachograph.store import ingest, open_store

Place = dict[str, str]
CALLED = {"server.address": "models.example"}
REGIONS = ("far", "near", "here")


def _place(number: int) -> Place:
    """Three regions with two hosts each; two of five executions run in staging."""
    turn = number * 7 // 3
    region, environment = REGIONS[turn % 3], "staging" if number % 5 < 2 else "prod"
    host = f"{region}-{turn // 3 % 2}"
    return {"cloud.region": region, "host.name": host, "deployment.environment.name": environment}


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., list[BottleneckDetection]]:
    """What is told where chats and searches take `slow` times as long at some place."""

    def made(slow: float, attribute: str, name: str, chat: float = 3.0, search: float = 1.0) -> Any:
        def inside(one: Execution, agent: int) -> None:
            pace = slow if _place(one.number)[attribute] == name else 1.0
            for _ in range(3):
                one.model(agent, chat * (pace if chat > search else 1.0) * one.luck(), **CALLED)
                one.tool("search", agent, search * (pace if search > chat else 1.0) * one.luck())

        def story(one: Execution, root: int) -> None:
            one.place |= _place(one.number)
            one.step("code", root, lambda one, at: one.agent("coder", at, inside, seconds=0.1))

        file = tmp_path / "told.jsonl"
        file.write_bytes(b"\n".join(told(story, 200)))
        with open_store(tmp_path / "told.duckdb") as store:
            assert ingest(store, [file]).rejected == 0
            return judge(*gathered(store, Window(0, 2**63 - 1))).bottlenecks

    return made


@pytest.mark.parametrize(
    ("attribute", "name"),
    [("cloud.region", "far"), ("host.name", "near-1"), ("deployment.environment.name", "staging")],
)
def test_a_place_is_named_before_what_is_called_from_there(found: Any, attribute: str, name: str) -> None:
    """Of a slow region the region, and none of its hosts; half of what its calls take is lost."""
    (one,) = found(2.0, attribute, name)
    assert one.affected_components == [name, "m"]
    assert one.effect.ci[0] <= 50 <= one.effect.ci[1]
    assert one.category == "infrastructure"


def test_tools_are_told_as_models_are(found: Any) -> None:
    """A tool that takes longer on one host."""
    (one,) = found(2.5, "host.name", "here-0", chat=0.5, search=2.0)
    assert one.affected_components == ["here-0", "search"]
    assert one.effect.ci[0] <= 60 <= one.effect.ci[1]


def test_places_that_are_alike_are_not_told(found: Any) -> None:
    """Nothing is told of three regions, six hosts and two environments that are as quick as each other."""
    assert found(1.0, "cloud.region", "far") == []
