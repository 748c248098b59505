"""Tables of agents and recipes for people to read."""

from collections.abc import Callable, Sequence

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from tachograph.present.numbers import NOTHING, at_least, count, duration, money, share, sparkline
from tachograph.present.words import word
from tachograph.records import AgentPerformanceMetrics, PeriodPerformance, RecipePerformanceMetrics

_TREND_DAYS = 14


def table(title: str, *columns: str, left: int = 1) -> Table:
    """An empty table in the house style; the first `left` columns are text, the rest numbers."""
    made = Table(title=Text(title, style="bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for position, column in enumerate(columns):
        made.add_column(column, justify="left" if position < left else "right", no_wrap=position >= left)
    return made


def rate(value: float | None, target: float) -> Text:
    """A success rate, green where it reaches its target, red where it misses it by more than ten points."""
    if value is None:
        return Text(NOTHING)
    style = "green" if value > target else "yellow" if value > target - 0.1 else "red"
    return Text(share(value), style=style)


Cell = Callable[[AgentPerformanceMetrics], RenderableType]


def agents(metrics: Sequence[AgentPerformanceMetrics], target: float = 0.95) -> RenderableType:
    if not metrics:
        return Text("No agent ran in this window.")
    columns = _agent_columns(metrics, target)
    made = table("Agents", *columns)
    for agent in metrics:
        made.add_row(*(cell(agent) for cell in columns.values()))
    return made


def _agent_columns(metrics: Sequence[AgentPerformanceMetrics], target: float) -> dict[str, Cell]:
    columns: dict[str, Cell] = {
        "agent": lambda agent: word(agent.agent_name),
        "runs": lambda agent: count(agent.total_invocations),
        "success": lambda agent: rate(agent.success_rate, target),
        "mean": lambda agent: duration(agent.avg_duration_ms),
        "p50": lambda agent: duration(agent.p50_duration_ms),
        "p95": lambda agent: duration(agent.p95_duration_ms),
        "tokens/run": lambda agent: count(agent.avg_tokens_used),
        "wasted": lambda agent: share(_wasted(agent)),
    }
    if any(agent.avg_quality_score is not None for agent in metrics):
        columns["quality"] = lambda agent: _quality(agent)
    # Columns that would say nothing are left out: costs that nobody knows, a single day to compare.
    if any(agent.cost_usd is not None for agent in metrics):
        columns["cost"] = lambda agent: at_least(agent.cost_usd, agent.unpriced_calls)
        columns["cost/success"] = lambda agent: at_least(agent.cost_per_success_usd, agent.unpriced_calls)
    if any(len(agent.trends["daily"]) > 1 for agent in metrics):
        columns["by day"] = lambda agent: _trend(agent.trends["daily"])
    return columns


def quality(metrics: Sequence[AgentPerformanceMetrics]) -> Table | None:
    """Scores of agents by who gave them and, where people and programs judged the same work, how far they are apart."""
    rows = [(agent, by) for agent in metrics for by in agent.quality_by_reviewer]
    if not rows:
        return None
    made = table("Quality", "agent", "reviewer", "version", "reviewed", "overall", "above a person's", left=3)
    for agent, by in rows:
        apart = {it.dimension: it for it in agent.review_differences} if by.reviewer == "automated" else {}
        made.add_row(
            word(agent.agent_name),
            word(by.reviewer),
            word(by.version),
            count(by.count),
            f"{by.avg_quality_score:.1f}",
            ", ".join(f"{name.replace('_', ' ')} {it.mean:+.1f}" for name, it in apart.items()) or NOTHING,
        )
    return made


def _quality(agent: AgentPerformanceMetrics) -> str:
    """The mean overall score; marked where it mixes versions of a reviewer, which judge by other rules."""
    if agent.avg_quality_score is None:
        return NOTHING
    versions = {(by.reviewer, by.version) for by in agent.quality_by_reviewer if by.reviewer != "human"}
    return f"{agent.avg_quality_score:.1f}{' (versions mixed)' if len(versions) > 1 else ''}"


def recipes(metrics: Sequence[RecipePerformanceMetrics], target: float = 0.9) -> RenderableType:
    if not metrics:
        return Text("No recipe ran in this window.")
    heads = ("recipe", "runs", "success", "mean", "p50", "p95", "steps done", "time saved", "dependencies")
    has_costs = any(recipe.cost_usd is not None for recipe in metrics)
    made = table("Recipes", *heads, *(_COSTS if has_costs else ()))
    for recipe in metrics:
        made.add_row(
            word(recipe.recipe_name),
            count(recipe.total_executions),
            rate(recipe.success_rate, target),
            duration(recipe.avg_duration_ms),
            duration(recipe.p50_duration_ms),
            duration(recipe.p95_duration_ms),
            NOTHING if recipe.avg_steps_completed is None else f"{recipe.avg_steps_completed:.1f}",
            _saved(recipe),
            duration(recipe.dependency_impact["avg_dependency_resolution_time"]),
            *(_costs(recipe) if has_costs else ()),
        )
    return made


_COSTS = ("cost", "cost/success", "wasted cost")


def _costs(recipe: RecipePerformanceMetrics) -> tuple[str, ...]:
    unpriced = recipe.unpriced_calls
    amounts = recipe.cost_usd, recipe.cost_per_success_usd
    return *(at_least(amount, unpriced) for amount in amounts), money(recipe.wasted_cost_usd)


def steps(recipe: RecipePerformanceMetrics) -> Table:
    """The steps of one recipe, with the share of the recipe's time that each takes."""
    made = table(f"Steps of {word(recipe.recipe_name).plain}", "step", "", "success", "mean", "failed with", left=2)
    made.columns[-1].justify = "left"
    longest = max((row["avg_duration"] or 0 for row in recipe.step_performance.values()), default=0)
    for name, row in recipe.step_performance.items():
        bar = "█" * max(1, round(20 * (row["avg_duration"] or 0) / longest)) if longest else ""
        failures = word(", ".join(row["common_failures"][:3]) or " ")
        made.add_row(
            word(name), Text(bar, style="cyan"), rate(row["success_rate"], 0.9), duration(row["avg_duration"]), failures
        )
    return made


def _wasted(agent: AgentPerformanceMetrics) -> float | None:
    tokens = agent.tokens
    total = tokens.input + tokens.cache_read + tokens.cache_write + tokens.output
    return tokens.wasted / total if total else None


def _saved(recipe: RecipePerformanceMetrics) -> str:
    if recipe.avg_time_savings_pct is None:
        return NOTHING
    return f"{recipe.avg_time_savings_pct:.1f} % ({recipe.time_savings_base})"


def _trend(days: Sequence[PeriodPerformance]) -> Text:
    """Runs a day as bars, coloured by how the last day went."""
    recent = days[-_TREND_DAYS:]
    if not recent:
        return Text(NOTHING)
    style = rate(recent[-1]["success_rate"], 0.95).style
    return Text(sparkline([day["invocation_count"] for day in recent]), style=style)
