"""What Prometheus must hold, by hand from the lines of a spool: no code of the product has a part in it."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from support import Span

Labels = tuple[tuple[str, str], ...]
Totals = dict[str, dict[Labels, float]]
Counted = tuple[str, float, dict[str, str]]  # metric, amount, labels

SECONDS = [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200]
BOUNDS = {
    "dev_agency_agent_duration_seconds": SECONDS,
    "dev_agency_recipe_duration_seconds": SECONDS,
    "dev_agency_recipe_step_duration_seconds": SECONDS,
    "dev_agency_cli_duration_seconds": [0.005, 0.01, 0.025, 0.05, *SECONDS],
    "dev_agency_agent_context_size_tokens": [2**power for power in range(8, 22)],
}
CALLS = {"chat", "generate_content", "text_completion", "embeddings"}


def totals(spans: list[Span]) -> Totals:
    """Metric -> labels -> value, histograms as their `_bucket`, `_sum` and `_count`."""
    found: Totals = defaultdict(lambda: defaultdict(float))
    children: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        children[span.parent].append(span)
    for span in spans:
        below = list(_below(span, children))
        for metric, value, labels in (*_executions(span, below), *_calls(span, below)):
            _add(found, metric, value, tuple(sorted(labels.items())))
    return found


def _below(span: Span, children: dict[str, list[Span]]) -> Iterator[Span]:
    for child in children[span.id]:
        yield child
        yield from _below(child, children)


def _add(found: Totals, metric: str, value: float, labels: Labels) -> None:
    if metric not in BOUNDS:
        found[metric][labels] += value
        return
    found[f"{metric}_count"][labels] += 1
    found[f"{metric}_sum"][labels] += value
    bounds = BOUNDS[metric]
    for number, bound in enumerate([*bounds, float("inf")]):
        bucket = tuple(sorted((*labels, ("le", str(float(bound))))))
        found[f"{metric}_bucket"][bucket] += number >= bisect_left(bounds, value)


def _executions(span: Span, below: list[Span]) -> Iterator[Counted]:
    said, outcome = span.attributes, _outcome(span)
    if said.get("dev_agency.executor") == "human":
        return
    if said.get("gen_ai.operation.name") == "invoke_agent":
        yield from _agent(span, below, outcome)
    elif said.get("gen_ai.operation.name") == "invoke_workflow":
        yield from _recipe(span, outcome)
    elif span.name.startswith("step "):
        step = {"recipe_name": said["gen_ai.workflow.name"], "step_name": said["dev_agency.step.name"]}
        yield from _counted_and_timed("recipe_steps_total", "recipe_step_duration_seconds", span, step, outcome)
    elif "dev_agency.command.name" in said:
        command = {"command": said["dev_agency.command.name"]}
        yield from _counted_and_timed("cli_commands_total", "cli_duration_seconds", span, command, outcome)


def _counted_and_timed(
    count: str, duration: str, span: Span, labels: dict[str, str], outcome: str
) -> Iterator[Counted]:
    yield f"dev_agency_{count}", 1, {**labels, "outcome": outcome}
    if outcome != "skip":
        yield f"dev_agency_{duration}", _seconds(span), labels


def _agent(span: Span, below: list[Span], outcome: str) -> Iterator[Counted]:
    agent = {"agent_name": span.attributes["gen_ai.agent.name"]}
    complexity = {"task_complexity": span.attributes.get("dev_agency.task.complexity", "unknown")}
    labels = {**agent, **complexity}
    yield from _counted_and_timed("agent_invocations_total", "agent_duration_seconds", span, labels, outcome)
    sizes = [s.attributes["dev_agency.context.size"] for s in below if s.name == "prepare_context"]
    if sizes and outcome != "skip":
        yield "dev_agency_agent_context_size_tokens", max(sizes), agent
    if "dev_agency.tokens.total" in span.attributes and outcome != "skip":
        yield "dev_agency_agent_tokens_weighed_total", span.attributes["dev_agency.tokens.total"], agent
        yield "dev_agency_agent_tokens_wasted_total", span.attributes["dev_agency.tokens.wasted"], agent
    if outcome not in ("success", "skip"):
        yield "dev_agency_agent_errors_total", 1, {**agent, "error_type": _error(span)}


def _recipe(span: Span, outcome: str) -> Iterator[Counted]:
    recipe = {"recipe_name": span.attributes["gen_ai.workflow.name"]}
    yield from _counted_and_timed("recipe_executions_total", "recipe_duration_seconds", span, recipe, outcome)
    if "dev_agency.critical_path.share" in span.attributes and outcome != "skip":
        seconds = span.attributes["dev_agency.critical_path.share"] * _seconds(span)
        labels = {**recipe, "component": span.attributes["dev_agency.critical_path.component"]}
        yield "dev_agency_recipe_critical_path_seconds_total", seconds, labels
    manual = span.attributes.get("dev_agency.recipe.manual_duration")
    if outcome == "success" and manual:
        yield "dev_agency_recipe_time_used_total", _seconds(span) / manual, recipe
        yield "dev_agency_recipe_time_compared_total", 1, recipe


def _seconds(span: Span) -> float:
    return (span.end - span.start) / 1e9


def _outcome(span: Span) -> str:
    failed = span.status["code"] == 2 or span.attributes.get("process.exit.code", 0) != 0
    return str(span.attributes.get("dev_agency.outcome", "failure" if failed else "success"))


def _error(span: Span) -> str:
    raised = [_attribute(event, "exception.type") for event in span.events if event["name"] == "exception"]
    return str(span.attributes.get("error.type", raised[-1] if raised else "unknown"))


def _attribute(event: dict[str, Any], key: str) -> str:
    return next(str(item["value"]["stringValue"]) for item in event["attributes"] if item["key"] == key)


def _calls(span: Span, below: list[Span]) -> Iterator[Counted]:
    """Only where nothing below reports any: totals that an agent repeats are no new ones."""
    said, agent = _usage(span), span.attributes.get("gen_ai.agent.name")
    if agent is None:
        return
    if said and not any(_usage(child) for child in below):
        for kind, count in said.items():
            yield "dev_agency_agent_tokens_total", count, {"agent_name": agent, "token_type": kind}
    cost = span.attributes.get("dev_agency.cost.usd")
    if cost is not None and not any("dev_agency.cost.usd" in child.attributes for child in below):
        model = span.attributes.get("gen_ai.request.model") or span.attributes.get("llm.model_name") or "unknown"
        yield "dev_agency_agent_cost_usd_total", cost, {"agent_name": agent, "model": model}


def _usage(span: Span) -> dict[str, int]:
    """What the agency and the framework of the tests say: GenAI's names, and OpenInference's."""
    said = span.attributes
    prefix = "gen_ai.usage."
    if "llm.token_count.prompt" in said:
        counts = [said["llm.token_count.prompt"], said["llm.token_count.completion"], 0, 0]
    elif f"{prefix}input_tokens" in said:
        names = ("input_tokens", "output_tokens", "cache_read.input_tokens", "cache_creation.input_tokens")
        counts = [said.get(prefix + name, 0) for name in names]
    else:
        return {}
    whole, output, read, write = counts
    return {"input": whole - read - write, "cache_read": read, "cache_write": write, "output": output}
