"""Every name that telemetry carries: attributes, operations, outcomes, spans; each spelled here and nowhere else."""

from __future__ import annotations

TYPE_CHECKING = False  # short commands load this module too, and `typing` takes longer than they have
if TYPE_CHECKING:
    from typing import Final

# --- GenAI semantic conventions (Development status; the Python constants are deprecated there, so they live here) ---
OPERATION: Final = "gen_ai.operation.name"
AGENT_NAME: Final = "gen_ai.agent.name"
AGENT_VERSION: Final = "gen_ai.agent.version"
RECIPE_NAME: Final = "gen_ai.workflow.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
RESPONSE_MODEL: Final = "gen_ai.response.model"
PROVIDER: Final = "gen_ai.provider.name"
SERVICE_TIER: Final = "openai.response.service_tier"  # `batch`, `flex`, `priority`: what is paid for a token
PROMPT_VERSION: Final = "gen_ai.prompt.version"
TOOL_NAME: Final = "gen_ai.tool.name"
TOOL_ARGUMENTS: Final = "gen_ai.tool.call.arguments"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
CACHE_READ_TOKENS: Final = "gen_ai.usage.cache_read.input_tokens"
CACHE_WRITE_TOKENS: Final = "gen_ai.usage.cache_write.input_tokens"
REASONING_TOKENS: Final = "gen_ai.usage.reasoning.output_tokens"
RESPONSE_ID: Final = "gen_ai.response.id"
TOOL_CALL_ID: Final = "gen_ai.tool.call.id"
CONVERSATION_ID: Final = "gen_ai.conversation.id"

INVOKE_AGENT: Final = "invoke_agent"
INVOKE_RECIPE: Final = "invoke_workflow"
EXECUTE_TOOL: Final = "execute_tool"
CHAT: Final = "chat"
MODEL_OPERATIONS: Final = frozenset({CHAT, "generate_content", "text_completion", "embeddings"})

# --- general semantic conventions ---
ERROR_TYPE: Final = "error.type"
HTTP_STATUS: Final = "http.response.status_code"
SERVER_ADDRESS: Final = "server.address"
EXECUTABLE_NAME: Final = "process.executable.name"
EXIT_CODE: Final = "process.exit.code"
PROCESS_ID: Final = "process.pid"
USER_ID: Final = "user.id"
SESSION_ID: Final = "session.id"
SERVICE_NAME: Final = "service.name"
SERVICE_VERSION: Final = "service.version"

# --- ours ---
OPERATION_KIND: Final = "dev_agency.operation"
PREPARE_CONTEXT: Final = "prepare_context"
RESOLVE_DEPENDENCIES: Final = "resolve_dependencies"
AWAIT_PERSON: Final = "await_person"  # a tool call that waits for somebody to allow it
RUN_STEP: Final = "step"  # of steps in the words of others, which ours are without it

EXECUTION_ID: Final = "dev_agency.execution.id"
OUTCOME: Final = "dev_agency.outcome"
COMPLEXITY: Final = "dev_agency.task.complexity"
TASK_CLASS: Final = "dev_agency.task.class"
CONTEXT_SIZE: Final = "dev_agency.context.size"
STEP_NAME: Final = "dev_agency.step.name"
STEP_DEPENDS_ON: Final = "dev_agency.step.depends_on"
STEP_INDEX: Final = "dev_agency.step.index"
ARTIFACT_READ: Final = "dev_agency.artifact.read"
ARTIFACT_WRITTEN: Final = "dev_agency.artifact.written"
COMMAND_NAME: Final = "dev_agency.command.name"
COMMAND_OPTIONS: Final = "dev_agency.command.options"
RECIPE_VERSION: Final = "dev_agency.recipe.version"
STEPS_TOTAL: Final = "dev_agency.recipe.steps_total"
STEPS_COMPLETED: Final = "dev_agency.recipe.steps_completed"
MANUAL_DURATION: Final = "dev_agency.recipe.manual_duration"
COST_USD: Final = "dev_agency.cost.usd"
CALL_HASH: Final = "dev_agency.call.hash"
EXECUTOR: Final = "dev_agency.executor"
RETOLD: Final = "dev_agency.retold"  # true on a span of somebody else's, of what a span of ours tells in the same trace

# --- annotations that the span processor adds to finished agent and recipe spans ---
TOTAL_TOKENS: Final = "dev_agency.tokens.total"
WASTED_TOKENS: Final = "dev_agency.tokens.wasted"
EFFICIENCY: Final = "dev_agency.token_efficiency"
QUALITY_OVERALL: Final = "dev_agency.quality.overall"
BOTTLENECK_CATEGORY: Final = "dev_agency.bottleneck.category"
BOTTLENECK_COMPONENT: Final = "dev_agency.bottleneck.component"
BOTTLENECK_SHARE: Final = "dev_agency.bottleneck.share"
BASELINE_RATIO: Final = "dev_agency.baseline.duration_ratio"
CRITICAL_COMPONENT: Final = "dev_agency.critical_path.component"
CRITICAL_SHARE: Final = "dev_agency.critical_path.share"

# --- on spans that report tokens or cost, so that a Collector, which sees one span at a time, counts them once: false
#     where what lies below reports them again; true, on what is no model call, where nothing below does ---
TOKENS_LEAF: Final = "dev_agency.tokens.leaf"
COST_LEAF: Final = "dev_agency.cost.leaf"

# --- how hard the host was pressed during a span, 0-1 ---
CPU_PRESSURE: Final = "host.cpu.pressure"
MEMORY_PRESSURE: Final = "host.memory.pressure"
CPU_STEAL: Final = "host.cpu.steal"
# --- processor time in s that a step's process and its ended children used, and the processors that they had: whether
#     steps that run at the same time will slow each other down ---
CPU_TIME: Final = "dev_agency.cpu.time"
CPU_COUNT: Final = "host.cpu.count"

# --- what spans below an agent or recipe take over where they lack it ---
INHERITED: Final = (AGENT_NAME, RECIPE_NAME, STEP_NAME, COMPLEXITY, USER_ID, SESSION_ID)

# --- the log record that an execution writes when it starts, so that a killed one is known to have been ---
EXECUTION_STARTED: Final = "dev_agency.execution.started"
STARTED_NAME: Final = "dev_agency.started.span_name"
STARTED_PARENT: Final = "dev_agency.started.parent_span_id"
PROCESS_KEY: Final = "dev_agency.process.key"
KILLED: Final = "killed"

# --- evaluations: an event on a span, or a log record that points at one ---
EVALUATION_RESULT: Final = "gen_ai.evaluation.result"
EVALUATION_NAME: Final = "gen_ai.evaluation.name"
EVALUATION_SCORE: Final = "gen_ai.evaluation.score.value"
EVALUATION_EXPLANATION: Final = "gen_ai.evaluation.explanation"
EVALUATION_REVIEWER: Final = "dev_agency.evaluation.reviewer"
EVALUATION_REVIEWER_VERSION: Final = "dev_agency.evaluation.reviewer.version"
USER_SATISFACTION: Final = "user_satisfaction"
QUALITY_DIMENSIONS: Final = ("correctness", "completeness", "code_quality", "efficiency", "overall")

# --- closed sets of values ---
OUTCOMES: Final = ("success", "failure", "error", "timeout", "cancellation", "skip")
COMPLEXITIES: Final = ("simple", "medium", "complex")
TOKEN_TYPES: Final = ("input", "cache_read", "cache_write", "output")
CIRCULAR_DEPENDENCY: Final = "circular_dependency"

# --- events ---
EXCEPTION: Final = "exception"
EXCEPTION_TYPE: Final = "exception.type"

# --- metrics ---
COUNTER: Final = "counter"
HISTOGRAM: Final = "histogram"
GAUGE: Final = "gauge"
LABEL_VALUES: Final = 200  # that a label may have in a process; the rest is OTHER_VALUE
OTHER_VALUE: Final = "other"
UNKNOWN_VALUE: Final = "unknown"  # of a label about which the span says nothing


class Metric:
    """One metric: the name of its instrument, which with kind and unit makes its name in Prometheus, and its labels."""

    __slots__ = ("description", "kind", "labels", "name", "unit")

    def __init__(self, name: str, kind: str, unit: str, labels: tuple[str, ...], description: str) -> None:
        self.name = name
        self.kind = kind
        self.unit = unit
        self.labels = labels
        self.description = description

    @property
    def prometheus_name(self) -> str:
        """The name under which it is scraped, from the Python exporter as from the Collector."""
        seconds = "_seconds" if self.unit == "s" else ""
        return self.name.replace(".", "_") + seconds + ("_total" if self.kind == COUNTER else "")


# The unit of a ratio is "", for with "1" the Collector would append `_ratio`; units in braces append nothing anywhere.
AGENT_INVOCATIONS: Final = Metric(
    "dev_agency.agent.invocations",
    COUNTER,
    "{invocation}",
    ("agent_name", "outcome", "task_complexity"),
    "Agent executions by outcome",
)
AGENT_DURATION: Final = Metric(
    "dev_agency.agent.duration", HISTOGRAM, "s", ("agent_name", "task_complexity"), "Duration of agent executions"
)
AGENT_SUCCESS_RATE: Final = Metric(
    "dev_agency.agent.success_rate", GAUGE, "", ("agent_name",), "Successful share of the latest executions (0-1)"
)
AGENT_TOKENS: Final = Metric(
    "dev_agency.agent.tokens",
    COUNTER,
    "{token}",
    ("agent_name", "token_type"),
    "Tokens of calls, each once and of one type",
)
AGENT_COST: Final = Metric(
    "dev_agency.agent.cost_usd", COUNTER, "{USD}", ("agent_name", "model"), "Cost of calls where it is known"
)
AGENT_CONTEXT_SIZE: Final = Metric(
    "dev_agency.agent.context_size_tokens", HISTOGRAM, "{token}", ("agent_name",), "Context handed to an agent"
)
AGENT_QUALITY: Final = Metric(
    "dev_agency.agent.quality_score",
    GAUGE,
    "",
    ("agent_name", "quality_dimension"),
    "Mean of the latest evaluations (0-10)",
)
AGENT_ERRORS: Final = Metric(
    "dev_agency.agent.errors", COUNTER, "{error}", ("agent_name", "error_type"), "Executions without success by error"
)
RECIPE_EXECUTIONS: Final = Metric(
    "dev_agency.recipe.executions", COUNTER, "{execution}", ("recipe_name", "outcome"), "Recipe executions by outcome"
)
RECIPE_DURATION: Final = Metric(
    "dev_agency.recipe.duration", HISTOGRAM, "s", ("recipe_name",), "Duration of recipe executions"
)
RECIPE_SUCCESS_RATE: Final = Metric(
    "dev_agency.recipe.success_rate", GAUGE, "", ("recipe_name",), "Successful share of the latest executions (0-1)"
)
RECIPE_STEP_DURATION: Final = Metric(
    "dev_agency.recipe.step.duration", HISTOGRAM, "s", ("recipe_name", "step_name"), "Duration of recipe steps"
)
RECIPE_STEPS: Final = Metric(
    "dev_agency.recipe.steps", COUNTER, "{step}", ("recipe_name", "step_name", "outcome"), "Recipe steps by outcome"
)
RECIPE_TIME_SAVED: Final = Metric(
    "dev_agency.recipe.time_saved_ratio",
    GAUGE,
    "",
    ("recipe_name",),
    "Mean of 1 - duration / manual duration over the latest successful executions",
)
RECIPE_SATISFACTION: Final = Metric(
    "dev_agency.recipe.satisfaction_score", GAUGE, "", ("recipe_name",), "Mean of the latest users' ratings (1-5)"
)
CLI_COMMANDS: Final = Metric(
    "dev_agency.cli.commands", COUNTER, "{command}", ("command", "outcome"), "Commands by outcome"
)
CLI_DURATION: Final = Metric("dev_agency.cli.duration", HISTOGRAM, "s", ("command",), "Duration of commands")
TELEMETRY_DROPPED: Final = Metric(
    "dev_agency.telemetry.dropped", COUNTER, "{item}", ("signal", "reason"), "Telemetry that was lost"
)

METRICS: Final = (
    AGENT_INVOCATIONS,
    AGENT_DURATION,
    AGENT_SUCCESS_RATE,
    AGENT_TOKENS,
    AGENT_COST,
    AGENT_CONTEXT_SIZE,
    AGENT_QUALITY,
    AGENT_ERRORS,
    RECIPE_EXECUTIONS,
    RECIPE_DURATION,
    RECIPE_SUCCESS_RATE,
    RECIPE_STEP_DURATION,
    RECIPE_STEPS,
    RECIPE_TIME_SAVED,
    RECIPE_SATISFACTION,
    CLI_COMMANDS,
    CLI_DURATION,
    TELEMETRY_DROPPED,
)

# What a Collector counts beside METRICS, so that the gauges can be recording rules: means of sums by counts.
QUALITY_POINTS: Final = Metric(
    "dev_agency.agent.quality_points", COUNTER, "{point}", ("agent_name", "quality_dimension"), "Scores added up (0-10)"
)
QUALITY_REVIEWS: Final = Metric(
    "dev_agency.agent.quality_reviews", COUNTER, "{review}", ("agent_name", "quality_dimension"), "Number of scores"
)
SATISFACTION_POINTS: Final = Metric(
    "dev_agency.recipe.satisfaction_points", COUNTER, "{point}", ("recipe_name",), "Users' ratings added up (1-5)"
)
SATISFACTION_RATINGS: Final = Metric(
    "dev_agency.recipe.satisfaction_ratings", COUNTER, "{rating}", ("recipe_name",), "Number of users' ratings"
)
TIME_USED: Final = Metric(
    "dev_agency.recipe.time_used",
    COUNTER,
    "{ratio}",
    ("recipe_name",),
    "Duration / manual duration, added up over successful executions",
)
TIME_COMPARED: Final = Metric(
    "dev_agency.recipe.time_compared",
    COUNTER,
    "{execution}",
    ("recipe_name",),
    "Successful executions with a manual duration",
)
# Both from the marks of agent spans: a mark also covers nested agents, so one can only be held against the other.
TOKENS_WEIGHED: Final = Metric(
    "dev_agency.agent.tokens_weighed", COUNTER, "{token}", ("agent_name",), "Tokens under agent executions, as marked"
)
TOKENS_WASTED: Final = Metric(
    "dev_agency.agent.tokens_wasted", COUNTER, "{token}", ("agent_name",), "Wasted tokens under agent executions"
)
CRITICAL_SECONDS: Final = Metric(
    "dev_agency.recipe.critical_path",
    COUNTER,
    "s",
    ("recipe_name", "component"),
    "Time on the critical path by the component that held most of it",
)

COLLECTED: Final = (
    QUALITY_POINTS,
    QUALITY_REVIEWS,
    SATISFACTION_POINTS,
    SATISFACTION_RATINGS,
    TIME_USED,
    TIME_COMPARED,
    TOKENS_WEIGHED,
    TOKENS_WASTED,
    CRITICAL_SECONDS,
)
