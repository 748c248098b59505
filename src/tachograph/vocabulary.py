"""Every name that telemetry carries: attributes, operations, outcomes, spans; each spelled here and nowhere else."""

from typing import Final

# --- GenAI semantic conventions (Development status; the Python constants are deprecated there, so they live here) ---
OPERATION: Final = "gen_ai.operation.name"
AGENT_NAME: Final = "gen_ai.agent.name"
AGENT_VERSION: Final = "gen_ai.agent.version"
RECIPE_NAME: Final = "gen_ai.workflow.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
TOOL_NAME: Final = "gen_ai.tool.name"
TOOL_ARGUMENTS: Final = "gen_ai.tool.call.arguments"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
CACHE_READ_TOKENS: Final = "gen_ai.usage.cache_read.input_tokens"
CACHE_WRITE_TOKENS: Final = "gen_ai.usage.cache_write.input_tokens"
REASONING_TOKENS: Final = "gen_ai.usage.reasoning.output_tokens"

INVOKE_AGENT: Final = "invoke_agent"
INVOKE_RECIPE: Final = "invoke_workflow"
EXECUTE_TOOL: Final = "execute_tool"
CHAT: Final = "chat"
MODEL_OPERATIONS: Final = frozenset({CHAT, "generate_content", "text_completion", "embeddings"})

# --- general semantic conventions ---
ERROR_TYPE: Final = "error.type"
EXECUTABLE_NAME: Final = "process.executable.name"
EXIT_CODE: Final = "process.exit.code"
PROCESS_ID: Final = "process.pid"
USER_ID: Final = "user.id"
SESSION_ID: Final = "session.id"
SERVICE_NAME: Final = "service.name"

# --- ours ---
OPERATION_KIND: Final = "dev_agency.operation"
PREPARE_CONTEXT: Final = "prepare_context"
RESOLVE_DEPENDENCIES: Final = "resolve_dependencies"

EXECUTION_ID: Final = "dev_agency.execution.id"
OUTCOME: Final = "dev_agency.outcome"
COMPLEXITY: Final = "dev_agency.task.complexity"
TASK_CLASS: Final = "dev_agency.task.class"
CONTEXT_SIZE: Final = "dev_agency.context.size"
STEP_NAME: Final = "dev_agency.step.name"
STEP_DEPENDS_ON: Final = "dev_agency.step.depends_on"
STEP_INDEX: Final = "dev_agency.step.index"
COMMAND_NAME: Final = "dev_agency.command.name"
COMMAND_OPTIONS: Final = "dev_agency.command.options"
RECIPE_VERSION: Final = "dev_agency.recipe.version"
STEPS_TOTAL: Final = "dev_agency.recipe.steps_total"
STEPS_COMPLETED: Final = "dev_agency.recipe.steps_completed"
MANUAL_DURATION: Final = "dev_agency.recipe.manual_duration"
COST_USD: Final = "dev_agency.cost.usd"
CALL_HASH: Final = "dev_agency.call.hash"
EXECUTOR: Final = "dev_agency.executor"

# --- annotations that the span processor adds to finished agent and recipe spans ---
TOTAL_TOKENS: Final = "dev_agency.tokens.total"
WASTED_TOKENS: Final = "dev_agency.tokens.wasted"
EFFICIENCY: Final = "dev_agency.token_efficiency"
CRITICAL_COMPONENT: Final = "dev_agency.critical_path.component"
CRITICAL_SHARE: Final = "dev_agency.critical_path.share"

# --- what spans below an agent or recipe take over where they lack it ---
INHERITED: Final = (AGENT_NAME, RECIPE_NAME, STEP_NAME, COMPLEXITY, USER_ID, SESSION_ID)

# --- closed sets of values ---
OUTCOMES: Final = ("success", "failure", "error", "timeout", "cancellation", "skip")
COMPLEXITIES: Final = ("simple", "medium", "complex")
TOKEN_TYPES: Final = ("input", "cache_read", "cache_write", "output")
CIRCULAR_DEPENDENCY: Final = "circular_dependency"
