"""What Prometheus must hold, by hand from the lines of a spool: no code of the product has a part in it."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from support import Span

Labels = tuple[tuple[str, str], ...]
Totals = dict[str, dict[Labels, float]]

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
        bucket = tuple(sorted((*labels, ("le", _written(bound)))))
        found[f"{metric}_bucket"][bucket] += number >= bisect_left(bounds, value)


def _written(bound: float) -> str:
    return "+Inf" if bound == float("inf") else str(float(bound))


def _executions(span: Span, below: list[Span]) -> Iterator[tuple[str, float, dict[str, str]]]:
    said, seconds, outcome = span.attributes, (span.end - span.start) / 1e9, _outcome(span)
    if said.get("dev_agency.executor") == "human":
        return
    if said.get("gen_ai.operation.name") == "invoke_agent":
        agent = {"agent_name": said["gen_ai.agent.name"]}
        complexity = {"task_complexity": said.get("dev_agency.task.complexity", "unknown")}
        yield "dev_agency_agent_invocations_total", 1, {**agent, **complexity, "outcome": outcome}
        if outcome == "skip":
            return
        yield "dev_agency_agent_duration_seconds", seconds, {**agent, **complexity}
        sizes = [s.attributes["dev_agency.context.size"] for s in below if s.name == "prepare_context"]
        if sizes:
            yield "dev_agency_agent_context_size_tokens", max(sizes), agent
        if outcome != "success":
            yield "dev_agency_agent_errors_total", 1, {**agent, "error_type": _error(span)}
    elif said.get("gen_ai.operation.name") == "invoke_workflow":
        recipe = {"recipe_name": said["gen_ai.workflow.name"]}
        yield "dev_agency_recipe_executions_total", 1, {**recipe, "outcome": outcome}
        if outcome != "skip":
            yield "dev_agency_recipe_duration_seconds", seconds, recipe
        if outcome == "success" and "dev_agency.recipe.manual_duration" in said:
            yield "dev_agency_recipe_time_used_total", seconds / said["dev_agency.recipe.manual_duration"], recipe
            yield "dev_agency_recipe_time_compared_total", 1, recipe
    elif span.name.startswith("step "):
        step = {"recipe_name": said["gen_ai.workflow.name"], "step_name": said["dev_agency.step.name"]}
        yield "dev_agency_recipe_steps_total", 1, {**step, "outcome": outcome}
        if outcome != "skip":
            yield "dev_agency_recipe_step_duration_seconds", seconds, step
    elif "dev_agency.command.name" in said:
        command = {"command": said["dev_agency.command.name"]}
        yield "dev_agency_cli_commands_total", 1, {**command, "outcome": outcome}
        yield "dev_agency_cli_duration_seconds", seconds, command


def _outcome(span: Span) -> str:
    failed = span.status["code"] == 2 or span.attributes.get("process.exit.code", 0) != 0
    return str(span.attributes.get("dev_agency.outcome", "failure" if failed else "success"))


def _error(span: Span) -> str:
    raised = [_attribute(event, "exception.type") for event in span.events if event["name"] == "exception"]
    return str(span.attributes.get("error.type", raised[-1] if raised else "unknown"))


def _attribute(event: dict[str, Any], key: str) -> str:
    return next(str(item["value"]["stringValue"]) for item in event["attributes"] if item["key"] == key)


def _calls(span: Span, below: Iterable[Span]) -> Iterator[tuple[str, float, dict[str, str]]]:
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
    """What the agency and the framework of the tests say: GenAI's names with both of cache writes, and OpenInference's."""
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
