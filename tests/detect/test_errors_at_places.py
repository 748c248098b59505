"""Errors that concentrate at a kind of task or a step, and work that goes worse on one host."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from workshop import Execution, Story, told

from tachograph.detect import Findings, judge
from tachograph.measure.history import gathered
from tachograph.records import Window
from tachograph.store import ingest, open_store

Judge = Callable[..., Findings]
POOL = "connection pool exhausted"


def _by_class(breaks: dict[str, float], message: str = POOL, otherwise: float = 0.05) -> Story:
    """One who tests tasks of three classes, and one who codes them; some classes break with a message of their own."""

    def story(one: Execution, root: int) -> None:
        kind = one.chance.choice(["api", "page", "data"])
        facts = {"dev_agency.task.class": kind}
        one.step("code", root, lambda one, at: one.agent("coder", at, facts=facts))
        broken = one.chance.random() < breaks.get(kind, 0.0)
        failed = broken or one.chance.random() < otherwise

        def test(one: Execution, at: int) -> None:
            one.agent("tester", at, facts=facts, ok=not failed, message=message if broken else "an assertion failed")

        one.failed = failed
        one.step("test", root, test)

    return story


def test_an_error_at_one_class_is_told_with_who_meets_it(judged: Judge) -> None:
    """Nobody else tests; at other classes it does not happen. The effect is that of all that the tester does."""
    first = judged(_by_class({"api": 0.35}), 300).bottlenecks[0]
    assert (first.cause, first.affected_components[:2]) == ("error_pattern", ["tester", "api"])
    assert first.n == 300
    assert first.effect.ci[0] <= 35 / 3 <= first.effect.ci[1]
    assert POOL in first.description


def test_how_all_work_fails_is_no_concentration(judged: Judge) -> None:
    """A third of the tests of everything; and a class that fails more, in the ways in which all do."""
    assert judged(_by_class(dict.fromkeys(("api", "page", "data"), 0.35)), 300).bottlenecks == []
    same = judged(_by_class({"api": 0.3}, "an assertion failed", 0.1), 300).bottlenecks
    assert [one for one in same if one.cause == "error_pattern"] == []


def _ships(refused: float, otherwise: float) -> Story:
    """Two that do work of their own kind each; both run out of memory now and then, and one is refused a connection."""

    def story(one: Execution, root: int) -> None:
        name, kind = one.chance.choice([("builder", "build"), ("deployer", "deploy")])
        is_refused = name == "deployer" and one.chance.random() < refused
        broken = one.chance.random() < (0.04 if name == "builder" else otherwise)
        message = "connection refused" if is_refused else "out of memory"
        facts, ok = {"dev_agency.task.class": kind}, not (is_refused or broken)
        one.failed = not ok
        one.step(kind, root, lambda one, at: one.agent(name, at, facts=facts, ok=ok, message=message))

    return story


def test_what_comes_on_top_of_how_all_fail_is_told(judged: Judge) -> None:
    """Nobody else deploys, but others run out of memory as well; where the agent fails in its own way only, that is how
    it fails."""
    first = judged(_ships(0.3, otherwise=0.04), 400).bottlenecks[0]
    assert (first.cause, first.affected_components[0]) == ("error_pattern", "deployer")
    assert first.effect.ci[0] <= 30 <= first.effect.ci[1]
    assert judged(_ships(0.3, otherwise=0.0), 400).bottlenecks == []


def test_where_it_fails_leads_if_the_agent_hardly_loses_by_it(judged: Judge) -> None:
    """A step of a few in the work of somebody who does much else."""

    def story(one: Execution, root: int) -> None:
        kind = "rare" if one.number % 12 == 0 else one.chance.choice(["api", "page", "data"])
        broken = kind == "rare" and one.chance.random() < 0.3
        message, facts = POOL if broken else "an assertion failed", {"dev_agency.task.class": kind}
        one.failed = broken or one.chance.random() < 0.03
        one.step("code", root, lambda one, at: one.agent("coder", at, facts=facts, ok=not one.failed, message=message))

    first = judged(story, 900).bottlenecks[0]
    assert (first.cause, first.affected_components[:2]) == ("error_pattern", ["rare", "coder"])
    assert first.n == 75


@pytest.mark.parametrize(("slow", "found"), [(2.0, ["runner-3", "m"]), (1.0, [])])
def test_a_slow_host_is_told(tmp_path: Path, slow: float, found: list[str]) -> None:
    """Of three on which the same work, simple or complex, is done; the resource of a span says which."""

    def story(one: Execution, root: int) -> None:
        pace = slow if one.number // 3 % 3 == 0 else 1.0
        one.step("code", root, lambda one, at: one.agent("coder", at, seconds=3.0 * pace))

    lines = [_on_host(made, f"runner-{3 - number // 3 % 3}") for number, made in enumerate(told(story, 240))]
    file = tmp_path / "hosts.jsonl"
    file.write_bytes(b"\n".join(lines))
    with open_store(tmp_path / "hosts.duckdb") as store:
        assert ingest(store, [file]).rejected == 0
        bottlenecks = judge(*gathered(store, Window(0, 2**63 - 1))).bottlenecks
    assert [name for one in bottlenecks for name in one.affected_components[:2]] == found


def _on_host(made: bytes, host: str) -> bytes:
    facts = json.loads(made)
    for resource in facts["resourceSpans"]:
        attributes = resource.setdefault("resource", {}).setdefault("attributes", [])
        attributes.append({"key": "host.name", "value": {"stringValue": host}})
    return json.dumps(facts).encode()
