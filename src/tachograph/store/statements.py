"""The SQL of the store by name: one statement a file, so that another dialect can stand beside it."""

from functools import cache
from pathlib import Path
from typing import Final

_HERE = Path(__file__).parent

SCHEMA_VERSION: Final = 4
TABLES: Final = (
    "schema_version",
    "spans",
    "executions",
    "started",
    "killed",
    "evaluations",
    "adoptions",
    "failures",
    "prices",
    "spending",
    "arrivals",
    "unsettled",
    "logs",
    "rejected",
    "ledger",
    "applied",
    "verifications",
)
# Made anew whenever a store is opened for writing, so that they follow the code.
VIEWS: Final = (
    "ended_spans",
    "priced_spans",
    "counted",
    "recipe_runs",
    "execution_quality",
    "execution_reviews",
    "agent_performance",
    "recipe_performance",
    "tool_usage",
)

# --- opening ---
TABLE_NAMES: Final = "table_names"
READ_VERSION: Final = "read_version"
WRITE_VERSION: Final = "write_version"

# --- ingest ---
KNOWN_RANGE: Final = "known_range"
KNOWN_SPANS: Final = "known_spans"
INSERT_SPANS: Final = "insert_spans"
INSERT_ARRIVALS: Final = "insert_arrivals"
INSERT_UNSETTLED: Final = "insert_unsettled"
KNOWN_LOGS: Final = "known_logs"
INSERT_STARTED: Final = "insert_started"
KNOWN_STARTED: Final = "known_started"
FORGET_TOLD: Final = "forget_told"
INSERT_TOLD_UNSETTLED: Final = "insert_told_unsettled"
INSERT_LOGS: Final = "insert_logs"
INSERT_REJECTED: Final = "insert_rejected"
FORGET_REJECTED: Final = "forget_rejected"

# --- ledger ---
READ_LEDGER: Final = "read_ledger"
FORGET_FILE: Final = "forget_file"
RECORD_FILE: Final = "record_file"

# --- settling ---
UNSETTLED_TRACES: Final = "unsettled_traces"
STARTED_ONLY: Final = "started_only"
DELETE_KILLED: Final = "delete_killed"
INSERT_KILLED: Final = "insert_killed"
TOLD_TURNS: Final = "told_turns"
INSERT_TURNS: Final = "insert_turns"
DELETE_EVALUATIONS: Final = "delete_evaluations"
INSERT_EVALUATIONS: Final = "insert_evaluations"
LINEAGE_SPANS: Final = "lineage_spans"
DELETE_EXECUTIONS: Final = "delete_executions"
INSERT_EXECUTIONS: Final = "insert_executions"
DELETE_ADOPTIONS: Final = "delete_adoptions"
INSERT_ADOPTIONS: Final = "insert_adoptions"
DELETE_FAILURES: Final = "delete_failures"
INSERT_FAILURES: Final = "insert_failures"
DELETE_SPENDING: Final = "delete_spending"
INSERT_SPENDING: Final = "insert_spending"
NEW_PRICE_KEYS: Final = "new_price_keys"
OLD_PRICE_KEYS: Final = "old_price_keys"
CHANGED_PRICES: Final = "changed_prices"
UNSETTLE_REPRICED: Final = "unsettle_repriced"
DELETE_PRICES: Final = "delete_prices"
INSERT_PRICES: Final = "insert_prices"
MARK_SETTLED: Final = "mark_settled"

# --- reading ---
FIND_TRACES: Final = "find_traces"
SPANS_OF_TRACE: Final = "spans_of_trace"

FIND_EXECUTION: Final = "find_execution"
REVIEWS_OF: Final = "reviews_of"

# --- figures ---
QUALITY_BY_REVIEWER: Final = "quality_by_reviewer"
REVIEW_DIFFERENCES: Final = "review_differences"
AGENTS: Final = "agents"
AGENTS_BY_COMPLEXITY: Final = "agents_by_complexity"
AGENTS_TRENDS: Final = "agents_trends"
RECIPES: Final = "recipes"
RECIPE_STEPS: Final = "recipe_steps"
ERRORS_BY_NAME: Final = "errors_by_name"
SLOWEST: Final = "slowest"
DAILY: Final = "daily"
KPI_EXECUTIONS: Final = "kpi_executions"
KPI_TOKENS: Final = "kpi_tokens"
KPI_TIME_SAVED: Final = "kpi_time_saved"
KPI_ADOPTION: Final = "kpi_adoption"
TOOLS: Final = "tools"
TOOL_FEATURES: Final = "tool_features"
TOOL_SEQUENCES: Final = "tool_sequences"
TOOL_ABANDONED: Final = "tool_abandoned"
ERRORS: Final = "errors"
DOCTOR: Final = "doctor"
RECONCILE: Final = "reconcile"
ERROR_MEMBERS: Final = "error_members"
CONDITIONS: Final = "conditions"
BASELINE: Final = "baseline"
HISTORY_TRACES: Final = "history_traces"
HISTORY_SURROUNDINGS: Final = "history_surroundings"
HISTORY: Final = "history"
HISTORY_CALLS: Final = "history_calls"
WINDOW_EXTENT: Final = "window_extent"
REPLAY_RUNS: Final = "replay_runs"
REPLAY_STEPS: Final = "replay_steps"
RECIPE_GRAPHS: Final = "recipe_graphs"
QUALITY: Final = "quality"

# --- recommendations that were applied ---
READ_APPLIED: Final = "read_applied"
DELETE_APPLIED: Final = "delete_applied"
INSERT_APPLIED: Final = "insert_applied"
READ_VERIFICATIONS: Final = "read_verifications"
DELETE_VERIFICATION: Final = "delete_verification"
INSERT_VERIFICATION: Final = "insert_verification"

# --- export ---
EXTENT: Final = "extent"
EVENTS: Final = "events"
EXPORT_SPANS: Final = "export_spans"
EXPORT_LOGS: Final = "export_logs"
TABLE_SPANS: Final = "table_spans"
TABLE_EXECUTIONS: Final = "table_executions"
TABLE_EVALUATIONS: Final = "table_evaluations"
TABLE_FAILURES: Final = "table_failures"
TABLE_AGENT_PERFORMANCE: Final = "table_agent_performance"
TABLE_RECIPE_PERFORMANCE: Final = "table_recipe_performance"
TABLE_TOOL_USAGE: Final = "table_tool_usage"
METRIC_COUNTS: Final = "metric_counts"
METRIC_BUCKETS: Final = "metric_buckets"
SPENDING: Final = "spending"


@cache
def query(name: str) -> str:
    """The text of queries/`name`.sql; FileNotFoundError where there is none."""
    return (_HERE / "queries" / f"{name}.sql").read_text(encoding="utf-8")


def table(name: str) -> str:
    """The statement that creates the table or view `name`."""
    return (_HERE / "schema" / f"{name}.sql").read_text(encoding="utf-8")
