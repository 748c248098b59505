"""How long the answers take as a store grows: whole processes on stores of synthetic executions.

    python bench/answers.py --sizes 10000 100000 1000000 --runs 3

Executions, their spans and failures are written into the tables themselves, without ingest. The text goes to standard
error, the JSON to standard output. `anew` is an answer for which bottlenecks are looked for, as after each ingest; it
is kept for those that follow.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = Path(sys.executable).with_name("tachograph")
DAY_NS = 86_400_000_000_000
UNTIL_NS = 1_790_000_000_000_000_000
# More than the report's own 30 days: all of it is looked at.
DAYS = 60

# Twenty executions a trace: a command, under it a recipe, four steps with an agent each, agents of their own.
EXECUTIONS = """
CREATE TEMP TABLE made AS
WITH numbers AS (
    SELECT range AS number, range // 20 AS trace, range % 20 AS place, (hash(range) >> 2)::BIGINT AS h
    FROM range($size)
),
drawn AS (
    SELECT *,
        (h % 10007) / 10007.0 AS u1,
        (hash(h, 1) % 10007)::BIGINT / 10007.0 AS u2,
        (hash(h, 2) % 10007)::BIGINT / 10007.0 AS u3,
        (hash(trace) >> 2)::BIGINT AS th, (hash(trace // 6) >> 2)::BIGINT AS sh,
        CASE WHEN place < 2 THEN 'command' WHEN place = 2 THEN 'recipe' WHEN place < 7 THEN 'step' ELSE 'agent' END
            AS role
    FROM numbers
),
timed AS (
    SELECT *,
        $until - $days * 86400000000000 + (trace * ($days * 86400000000000 // greatest($size // 20, 1)))::BIGINT
            + place * 2000000000 AS start_ns,
        (exp(20.5 + 1.2 * sqrt(-2 * ln(greatest(u1, 1e-4))) * cos(6.2832 * u2)))::BIGINT AS duration_ns,
        u3 > CASE role WHEN 'agent' THEN 0.06 WHEN 'step' THEN 0.05 ELSE 0.08 END AS success
    FROM drawn
)
SELECT
    printf('%016x%016x', th, trace) AS trace_id,
    printf('%016x', number + 1) AS span_id,
    printf('%016x', number + 1) AS execution_id,
    CASE role WHEN 'command' THEN NULL ELSE printf('%016x', number - place + 2) END AS parent_id,
    role,
    CASE role
        WHEN 'command' THEN ['app build', 'app test', 'app lint', 'app deploy', 'app fix', 'app review'][1 + h % 6]
        WHEN 'recipe' THEN 'recipe_' || (th % 9)
        WHEN 'step' THEN 'step_' || (place - 3)
        ELSE ['architect', 'coder', 'tester', 'security', 'documenter', 'reviewer', 'planner'][1 + (h % 7)]
    END AS name,
    CASE WHEN role = 'agent' THEN name END AS agent_name,
    CASE WHEN place >= 2 THEN 'recipe_' || (th % 9) END AS recipe_name,
    CASE WHEN role = 'step' THEN name END AS step_name,
    ['simple', 'medium', 'complex'][1 + th % 3] AS complexity,
    'class_' || (th % 5) AS task_class,
    printf('%016x', hash(sh % 400)) AS user_id,
    printf('%016x', sh) AS session_id,
    'bench' AS service_name,
    '1.' || (trace * 8 * 20 // $size) AS version,
    NULL::VARCHAR AS executor,
    CASE WHEN success THEN 'success' WHEN u2 < 0.1 THEN 'timeout' ELSE 'failure' END AS outcome,
    success,
    start_ns,
    start_ns + duration_ns AS end_ns,
    duration_ns,
    CASE WHEN role = 'agent' THEN (exp(6 + 5 * u2))::BIGINT END AS context_size,
    role = 'agent' AS usage_known,
    CASE WHEN role = 'agent' THEN (400 + 9000 * u1)::BIGINT ELSE 0 END AS input_tokens,
    0::BIGINT AS cache_read_tokens,
    0::BIGINT AS cache_write_tokens,
    CASE WHEN role = 'agent' THEN (40 + 900 * u2)::BIGINT ELSE 0 END AS output_tokens,
    CASE WHEN success THEN 0 ELSE input_tokens + output_tokens END AS wasted_tokens,
    input_tokens AS own_input_tokens, 0::BIGINT AS own_cache_read_tokens, 0::BIGINT AS own_cache_write_tokens,
    output_tokens AS own_output_tokens, wasted_tokens AS own_wasted_tokens,
    3::BIGINT AS model_calls, 2::BIGINT AS tool_calls,
    CASE WHEN role = 'agent' THEN u1 / 50 END AS cost_usd, cost_usd AS own_cost_usd,
    CASE WHEN success THEN cost_usd * 0 ELSE cost_usd END AS wasted_cost_usd, 0::BIGINT AS unpriced_calls,
    CASE WHEN NOT success THEN ['tests_failed', 'RateLimitError', 'TimeoutError', 'lint_findings'][1 + h % 4] END
        AS error_type,
    CASE WHEN success THEN NULL
        WHEN h % 4 = 0 THEN (1 + h % 60) || ' of 214 tests failed in /srv/work/' || (th % 9999) || '/report.xml'
        WHEN h % 4 = 1 THEN 'Error code: 429 - request req_' || printf('%08x', h % 99991) || ' exceeds the limit'
        WHEN h % 4 = 2 THEN 'model did not answer within ' || (h % 300) || ' s'
        ELSE 'ruff found ' || (h % 40) || ' findings' END AS error_message,
    CASE WHEN role = 'recipe' THEN 4 END::BIGINT AS steps_total,
    CASE WHEN role = 'recipe' THEN CASE WHEN success THEN 4 ELSE h % 4 END END::BIGINT AS steps_completed,
    CASE WHEN role = 'recipe' THEN 5400 END::DOUBLE AS manual_duration_s,
    CASE WHEN role = 'recipe' THEN 200000 END::BIGINT AS dependency_ns,
    0::BIGINT AS circular_errors, NULL::BIGINT AS context_ns, false AS partial,
    CASE WHEN role = 'step' THEN place - 3 END::BIGINT AS step_index,
    NULL::VARCHAR AS depends_on,
    CASE WHEN role = 'command' AND h % 3 > 0 THEN ['["--verbose"]', '["--fast", "--json"]'][1 + h % 2] END
        AS command_options,
    CASE WHEN role = 'command' THEN CASE WHEN success THEN 0 ELSE 1 END END::BIGINT AS exit_code,
    CASE WHEN place > 2 THEN printf('%016x', number - place + 3) END AS recipe_span_id,
    CASE WHEN role = 'agent' THEN ['model-large', 'model-small'][1 + h % 2] END AS model,
    CASE WHEN role = 'agent' THEN duration_ns // 2 ELSE 0 END AS model_ns,
    CASE WHEN role = 'agent' THEN duration_ns // 4 ELSE 0 END AS tool_ns,
    0::BIGINT AS blocked_ns, 0::BIGINT AS blocked_calls, 0::BIGINT AS repeated_ns, 0::BIGINT AS repeated_calls,
    0::BIGINT AS reread_ns, 0::BIGINT AS reread_calls, 0::BIGINT AS resent_tokens, 0::BIGINT AS person_ns,
    0::BIGINT AS doubled_calls, 0::BIGINT AS doubled_tokens, 0::BIGINT AS unmetered_calls,
    1.0 AS weight
FROM timed
ORDER BY start_ns
"""
SPANS = """
INSERT INTO spans BY NAME
SELECT trace_id, span_id, parent_id, role || ' ' || name AS name, 1 AS kind, start_ns, end_ns,
    CASE WHEN success THEN 0 ELSE 2 END AS status_code, error_message AS status_message, service_name, role,
    name AS component, outcome, user_id, session_id, agent_name, recipe_name, complexity, execution_id, version,
    error_type, error_message, model, weight, '{}' AS attributes, '{}' AS resource
FROM made
"""
SPENDING = """
INSERT INTO spending BY NAME
SELECT trace_id, span_id, name AS agent_name, model, false AS skipped, start_ns, model_calls AS calls, unpriced_calls,
    cost_usd, wasted_cost_usd
FROM made WHERE role = 'agent'
"""
ARRIVALS = """
INSERT INTO arrivals SELECT trace_id, min(start_ns), max(start_ns), count(*) FROM made GROUP BY trace_id
"""


def main() -> None:
    """Fill a store of each size, ask every question `--runs` times, tell the medians and how they grow."""
    options = _options()
    results: dict[str, dict[int, float]] = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for size in options.sizes:
            store = Path(folder, f"{size}.duckdb")
            trace = fill(store, size)
            for name, seconds in ask(store, trace, options.runs).items():
                results.setdefault(name, {})[size] = seconds
            store.unlink()
    _tell(results, options.sizes)
    print(json.dumps({"unit": "s, median of whole processes", "runs": options.runs, "answers": results}, indent=2))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", help="where stores are put (default: the temporary folder)")
    return parser.parse_args()


def fill(path: Path, size: int) -> str:
    """A store of `size` executions; the id of one of its traces."""
    import pyarrow as pa

    from tachograph.store import open_store
    from tachograph.store.settling import failures

    with open_store(path) as store:
        database = store.connection
        database.execute(EXECUTIONS, {"size": size, "until": UNTIL_NS, "days": DAYS})
        for statement in ("INSERT INTO executions BY NAME SELECT * FROM made", SPANS, SPENDING, ARRIVALS):
            database.execute(statement)
        columns = "trace_id, span_id, execution_id, start_ns, role, name AS component, recipe_name, executor"
        said = f"{columns}, {', '.join(failures.SAYING)}"
        failed = database.sql(f"SELECT {said} FROM made WHERE NOT success").to_arrow_table()
        messages = pa.array(failures.messages(failed.select(failures.SAYING).to_pylist()))
        rows = failed.drop_columns(failures.SAYING).append_column("message", messages)
        database.register("rows", rows)
        database.execute("INSERT INTO failures BY NAME SELECT *, role = 'step' AS recovered FROM rows")
        database.unregister("rows")
        found = database.execute("SELECT trace_id FROM made OFFSET ? LIMIT 1", [size // 2]).fetchone()
        assert found
        return str(found[0])


def ask(store: Path, trace: str, runs: int) -> dict[str, float]:
    """Seconds that each answer takes, in every form that people and programs ask for."""
    window = ["--since", "2026-01-01", "--until", "2027-01-01"]
    questions = {
        "agents": ["agents"],
        "recipes": ["recipes"],
        "tools": ["tools"],
        "errors": ["errors"],
        "errors json": ["errors", "--format", "json"],
        "report anew": ["report", *window],
        "report": ["report", *window],
        "report json": ["report", *window, "--format", "json"],
        "bottlenecks": ["bottlenecks", *window],
        "recommend": ["recommend", *window],
        "trace": ["trace", trace],
    }
    return {
        name: _median([*arguments, "--store", str(store)], runs, anew=name.endswith("anew"))
        for name, arguments in questions.items()
    }


def _median(arguments: list[str], runs: int, *, anew: bool) -> float:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TACHOGRAPH_")}
    environment["TACHOGRAPH_HOME"] = str(Path(arguments[-1]).parent / "home")
    took = []
    for _ in range(runs):
        if anew:
            shutil.rmtree(Path(environment["TACHOGRAPH_HOME"], "findings"), ignore_errors=True)
        began = time.perf_counter()
        subprocess.run([COMMAND, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment)
        took.append(time.perf_counter() - began)
    return round(statistics.median(took), 3)


def _tell(results: dict[str, dict[int, float]], sizes: list[int]) -> None:
    say = f"{'answer':<14}" + "".join(f"{size:>12,}" for size in sizes) + f"{'growth':>10}"
    print(say, file=sys.stderr)
    for name, by_size in results.items():
        growth = by_size[sizes[-1]] / by_size[sizes[0]]
        row = "".join(f"{by_size[size]:>10.2f} s" for size in sizes)
        print(f"{name:<14}{row}{growth:>9.1f}x", file=sys.stderr)


if __name__ == "__main__":
    main()
