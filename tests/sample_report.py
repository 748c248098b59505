"""Reports as literals, for the tests of what presents them: one with everything in it, one with nothing."""

from tachograph.records import (
    AgentPerformanceMetrics,
    BottleneckDetection,
    Condition,
    CostSummary,
    Day,
    Effect,
    ErrorPattern,
    Evidence,
    ExpectedImprovement,
    Feature,
    GraphStep,
    Kpi,
    ModelCost,
    NotEnoughData,
    PerformanceImpact,
    PerformanceRecommendation,
    Place,
    Prediction,
    QualitySummary,
    RecipeGraph,
    RecipePerformanceMetrics,
    Report,
    Scores,
    Sequence,
    Slow,
    TokenTotals,
    ToolUsage,
    Trend,
    Verification,
    Window,
)

SECOND = 1_000_000_000
UNTIL = 1_763_856_000 * SECOND  # 2025-11-23T00:00:00Z
WINDOW = Window(UNTIL - 30 * 86_400 * SECOND, UNTIL)
HOSTILE = "<script>alert('\"&|`x`')</script>"
TRACES = ["4bf92f3577b34da6a3ce929d0e0e4736", "0af7651916cd43dd8448eb211c80319c"]

NOTHING_YET = Trend(None, None, "not enough data")


def kpis() -> list[Kpi]:
    """The seven, in every state that one can have."""
    trends = (
        Trend(-0.031, (-0.06, -0.002), "worse"),
        Trend(-0.62, (-0.9, -0.34), "better"),
        Trend(0.01, (-0.02, 0.04), "steady"),
    )
    wasted = "91,204 of 536,494 tokens wasted"
    return [
        Kpi("Agent", "success rate", 0.95, ">", "ratio", 0.912, (0.88, 0.935), 412, trends[0], "376 of 412"),
        Kpi("Agent", "average response time", 3.0, "<", "s", 2.41, (2.2, 2.62), 412, trends[1], "p50 2.1 s, p95 5.8 s"),
        Kpi("Agent", "token efficiency", 0.8, ">", "ratio", 0.83, (0.79, 0.87), 380, trends[2], wasted),
        Kpi("Recipe", "success rate", 0.9, ">", "ratio", 0.94, (0.88, 0.97), 96, trends[2], "90 of 96"),
        Kpi("Recipe", "time savings", 0.5, ">", "ratio", 0.64, (0.6, 0.68), 90, NOTHING_YET, "recipes' estimates"),
        Kpi("Tool", "CLI adoption", 0.8, ">", "ratio", None, None, 0, NOTHING_YET),
        Kpi("Tool", "error rate", 0.05, "<", "ratio", 0.062, (0.041, 0.092), 388, trends[2], "24 of 388"),
    ]


def agent(name: str = "coder") -> AgentPerformanceMetrics:
    """An agent about which everything is known."""
    day = {"success_rate": 0.9, "avg_duration": 2400.0, "invocation_count": 10}
    days = [{"date": f"2025-11-{number:02d}", **day, "invocation_count": number} for number in range(1, 15)]
    return AgentPerformanceMetrics(
        agent_name=name,
        total_invocations=206,
        successful_invocations=188,
        success_rate=188 / 206,
        avg_duration_ms=2410.0,
        avg_tokens_used=2604.3,
        avg_context_size=9120.0,
        avg_quality_score=7.9,
        common_error_types=["timeout", "AssertionError"],
        performance_by_complexity={
            "simple": {"count": 100, "avg_duration": 1200.0, "success_rate": 0.97, "avg_quality": 8.2}
        },
        trends={
            "daily": days,  # type: ignore[dict-item]
            "weekly": [{"date": "2025-W46", **day}],  # type: ignore[typeddict-item]
            "monthly": [{"date": "2025-11", **day}],  # type: ignore[typeddict-item]
        },
        p50_duration_ms=2100.0,
        p95_duration_ms=5800.0,
        cost_usd=12.31,
        cost_per_success_usd=0.0655,
        tokens=TokenTotals(400_000, 100_000, 1_000, 35_494, 91_204),
        by_condition={"version": [Condition("2.1", 206, 0.913, (0.87, 0.94), 2410.0)]},
        wasted_cost_usd=1.2,
        unpriced_calls=3,
        cost_by_model=cost().models,
    )


def cost(name: str = "gpt-5") -> CostSummary:
    """What two models cost, one of which nobody has a price for."""
    known = ModelCost("claude-sonnet-4-5", 300, 0, 9.5, 0.7, 4.0, 4.2)
    models = [known, ModelCost(name, 40, 3, 2.81, 0.5, None, None), ModelCost(None, 2, 2, None, None, None, None)]
    return CostSummary(342, 5, 12.31, 1.2, 4.0, 4.2, models)


def recipe(name: str = "bug_fix") -> RecipePerformanceMetrics:
    """A recipe of five steps."""
    return RecipePerformanceMetrics(
        recipe_name=name,
        total_executions=96,
        successful_executions=90,
        success_rate=90 / 96,
        avg_duration_ms=41_200.0,
        avg_steps_completed=4.8,
        avg_time_savings_pct=64.0,
        avg_user_satisfaction=4.4,
        step_performance={
            name: {"success_rate": 0.95, "avg_duration": ms, "common_failures": ["timeout"] if ms > 9_000 else []}
            for name, ms in STEPS.items()
        },
        dependency_impact={"avg_dependency_resolution_time": 12.5, "circular_dependency_errors": 1},
        p50_duration_ms=39_800.0,
        p95_duration_ms=61_000.0,
        time_savings_base="estimated",
        cost_usd=6.0,
        cost_per_success_usd=6.0 / 90,
        wasted_cost_usd=0.4,
        unpriced_calls=0,
    )


STEPS = {"reproduce": 6_100.0, "analyse": 8_000.0, "fix": 12_400.0, "security_audit": 9_300.0, "document": 5_400.0}
WAITS_FOR: dict[str, list[str]] = {
    "reproduce": [], "analyse": ["reproduce"], "fix": ["analyse"], "security_audit": ["fix"], "document": ["fix"],
}  # fmt: skip


def graph(name: str = "bug_fix") -> RecipeGraph:
    """The same recipe as a graph; its last two steps run side by side."""
    critical = ["reproduce", "analyse", "fix", "security_audit"]
    steps = [
        GraphStep(step, WAITS_FOR[step], True, 96, ms, 0.95, ms / 41_200 if step in critical else 0.0)
        for step, ms in STEPS.items()
    ]
    return RecipeGraph(name, 96, steps, critical)


def tool(name: str = "app build") -> ToolUsage:
    """A command with options, and what follows it."""
    follows = [Sequence([name, "app test"], 60, 0.93, 8_300.0)]
    return ToolUsage(name, 188, 9, 41, 0.93, 0.07, 800.0, 2_300.0, 0.75, [Feature("--fast", 6, 0.67, 90)], follows, 3)


def error(pattern: str = "port <*> is taken") -> ErrorPattern:
    """A pattern of failures in two places."""
    return ErrorPattern(
        pattern, 17, UNTIL - 20 * 86_400 * SECOND, UNTIL - 3_600 * SECOND, ["app serve", "coder"],
        ["run-17", "run-12"], ["00f067aa0ba902b7"], 5, ["bug_fix"],
        [Place("command", "app serve", 12), Place("agent", "coder", 5)], TRACES[0],
    )  # fmt: skip


def bottleneck(
    id: str = "serial-bug_fix-security_audit", severity: str = "critical", component: str = "bug_fix"
) -> BottleneckDetection:
    """A cause of lost time."""
    return BottleneckDetection(
        category="recipe_execution",
        severity=severity,
        description=f"In {component}, document waits for security_audit although it uses nothing of it.",
        affected_components=[component, f"{component}/document"],
        performance_impact=PerformanceImpact(5_400.0, 0.0, 46.6),
        suggested_fixes=["Run security_audit and document in parallel."],
        priority_score=81.5,
        id=id,
        detector="serial_steps",
        cause="unnecessary_sequential_dependency",
        claim="simulated",
        effect=Effect(13.1, "percent", (11.2, 15.4)),
        q_value=0.0004,
        n=96,
        evidence=Evidence(["run-17", "run-44", "run-3"], TRACES),
        assumptions=["Both steps keep the time that they take now."],
        remedy={"steps": ["security_audit", "document"]},
    )


def recommendation(id: str = "R1", bottleneck_id: str = "serial-bug_fix-security_audit") -> PerformanceRecommendation:
    """What to do about it."""
    return PerformanceRecommendation(
        category="recipe_optimization",
        priority="high",
        title="Run security_audit and document of bug_fix in parallel",
        description="Neither uses what the other writes.",
        expected_improvement=ExpectedImprovement(13.1, None, "about 8 min a week"),
        implementation_effort="low",
        implementation_steps=["In recipes/bug_fix.yaml:\n-  needs: [security_audit]\n+  needs: [fix]", "Run it."],
        success_criteria=["tachograph verify R1"],
        id=id,
        bottleneck_ids=[bottleneck_id],
        prediction=Prediction(-13.1, (-15.4, -11.2)),
        claim="simulated",
    )


def full(name: str = "bug_fix") -> Report:
    """A report with something in each of its parts; `name` stands wherever telemetry could bring a name."""
    return Report(
        created_ns=UNTIL,
        window=WINDOW,
        kpis=kpis(),
        agents=[agent(), agent(name)],
        recipes=[recipe("refactor"), recipe(name)],
        slowest=[Slow("recipe", name, 88_000.0, "failure", TRACES[1])],
        tools=[tool(), tool(name)],
        errors=[error(), error(name)],
        days={
            "agent": [Day(f"2025-11-{number:02d}", 10 + number, 0.9, 2.4) for number in range(1, 22)],
            "recipe": [Day(f"2025-11-{number:02d}", 2 + number % 5, 0.95, 41.0) for number in range(1, 22)],
        },
        graphs=[graph(name)],
        quality=[QualitySummary(name, 206, 31, 4, 7.9, Scores(8.1, 7.4, 8.0, None))],
        bottlenecks=[bottleneck(component=name), bottleneck("slow-model", "low", name)],
        recommendations=[recommendation(), recommendation("R2", "slow-model")],
        verified=[
            Verification("R0", f"Cap the context of {name}", -20.0, -17.3, (-24.1, -10.2), "confirmed"),
            Verification("R9", "Fewer retries", -5.0, None, None, "about 40 more executions"),
        ],
        insufficient=[NotEnoughData("wrong_agent", name, 12.0, "percent", 12, 30)],
        cost=cost(name),
    )


def empty() -> Report:
    """A report on a window in which nothing happened."""
    nothing = [Kpi(k.category, k.kpi, k.target, k.comparison, k.unit, None, None, 0, NOTHING_YET) for k in kpis()]
    return Report(UNTIL, WINDOW, nothing, [], [], [], not_included=("bottlenecks", "recommendations"))
