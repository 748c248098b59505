"""How fast `ingest` reads telemetry and how much memory it takes: spans/s and peak MiB for two shapes of file.

    python bench/ingest.py --spans 1000000 --runs 3

Every run is a fresh process on a fresh store. The text goes to standard error, the JSON to standard output.
"""

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

SPANS_PER_TRACE = 100
START_NS = 1_760_000_000_000_000_000
AGENTS = ("architect", "coder", "tester", "security", "documenter", "reviewer")
MODELS = ("claude-sonnet-5", "gpt-6", "mistral-large")
TOOLS = ("read_file", "write_file", "run_tests", "search", "shell")


def main() -> None:
    """Generate each shape once, ingest it `--runs` times, tell the median."""
    options = _options()
    if options.one:
        print(json.dumps(measure(*options.one)))
        return
    results = []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for per_line in (100, 1):
            file = Path(folder, f"{per_line}.jsonl")
            generate(file, options.spans, per_line)
            results.append(summary(file, per_line, options.runs))
            file.unlink()
    print(json.dumps(results, indent=2))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spans", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", help="where files and stores are put (default: the temporary folder)")
    parser.add_argument("--one", nargs=2, metavar=("FILE", "STORE"), help=argparse.SUPPRESS)
    return parser.parse_args()


def summary(file: Path, per_line: int, runs: int) -> dict[str, object]:
    """Medians over fresh processes, and the sizes on disk in MB."""
    measured = [_run(file, file.with_suffix(f".{number}.db")) for number in range(runs)]
    rates = [float(run["spans"]) / float(run["seconds"]) for run in measured]
    result: dict[str, object] = {
        "spans": measured[0]["spans"],
        "spans_per_line": per_line,
        "spans_per_second": round(statistics.median(rates)),
        "all_spans_per_second": [round(rate) for rate in rates],
        "peak_mib": round(max(float(run["peak_mib"]) for run in measured)),
        "peak_reader_mib": round(max(float(run["peak_reader_mib"]) for run in measured)),
        "file_mb": round(file.stat().st_size / 1e6),
        "store_mb": measured[0]["store_mb"],
    }
    print(
        f"{per_line:>4} spans a line: {result['spans_per_second']:>8} spans/s, "
        f"peak {result['peak_mib']} MiB (largest reader {result['peak_reader_mib']} MiB)",
        file=sys.stderr,
    )
    return result


def _run(file: Path, store: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--one", str(file), str(store)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    store.unlink()
    return {key: float(value) for key, value in json.loads(output).items()}


def measure(file: str, store: str) -> dict[str, float]:
    """One ingest into a new store, closing it included; peak memory of this process and of its largest reader."""
    from tachograph.store import ingest, open_store

    began = time.perf_counter()
    with open_store(store) as opened:
        result = ingest(opened, [Path(file)])
    seconds = time.perf_counter() - began
    return {
        "spans": result.spans,
        "seconds": seconds,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "peak_reader_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        "store_mb": round(Path(store).stat().st_size / 1e6),
    }


def generate(file: Path, spans: int, per_line: int) -> None:
    """A file of `spans` spans: recipes of steps with agents that call models and tools, about 12 attributes each."""
    random.seed(per_line)
    made = islice(_spans(), spans)
    with file.open("w", encoding="utf-8") as stream:
        while batch := list(islice(made, per_line)):
            stream.write(_line(batch))


def _line(batch: list[dict[str, object]]) -> str:
    attributes = _attributes({"service.name": "dev-agency", "host.name": "build-7", "telemetry.sdk.language": "python"})
    scope = {"scope": {"name": "tachograph", "version": "1.0"}, "spans": batch}
    request = {"resourceSpans": [{"resource": {"attributes": attributes}, "scopeSpans": [scope]}]}
    return json.dumps(request, separators=(",", ":")) + "\n"


def _spans() -> Iterator[dict[str, object]]:
    number = 0
    while True:
        yield from _trace(number)
        number += 1


def _trace(number: int) -> Iterator[dict[str, object]]:
    """One recipe: four steps, an agent in each, model and tool calls in turn; children are exported first."""
    trace, start = random.randbytes(16).hex(), START_NS + number * 60_000_000_000
    inherited = {
        "gen_ai.workflow.name": f"recipe_{number % 9}",
        "dev_agency.task.complexity": ("simple", "medium", "complex")[number % 3],
        "user.id": f"user-{number % 40}",
        "session.id": f"session-{number // 5}",
    }
    root = _id()
    calls = (SPANS_PER_TRACE - 9) // 4
    for step in range(4):
        yield from _step(trace, root, start + step * 10_000_000_000, step, calls, inherited)
    for call in range(SPANS_PER_TRACE - 9 - 4 * calls):
        yield _call(trace, root, start + call, call, inherited)
    yield _span(
        trace, root, "", f"invoke_workflow recipe_{number % 9}", start, 45_000_000_000,
        {"gen_ai.operation.name": "invoke_workflow", "dev_agency.recipe.version": "1.2.0", **inherited},
    )  # fmt: skip


def _step(
    trace: str, root: str, start: int, index: int, calls: int, inherited: dict[str, str]
) -> Iterator[dict[str, object]]:
    step, agent, name = _id(), _id(), AGENTS[(index + start) % len(AGENTS)]
    below = {**inherited, "dev_agency.step.name": f"step_{index}", "gen_ai.agent.name": name}
    for call in range(calls):
        yield _call(trace, agent, start + 2_000_000 + call * 400_000_000, call, below)
    yield _span(
        trace, agent, step, f"invoke_agent {name}", start + 1_000_000, 9_500_000_000,
        {"gen_ai.operation.name": "invoke_agent", "dev_agency.context.size": 12_000 + calls, **below},
    )  # fmt: skip
    own = {"dev_agency.step.name": f"step_{index}", "dev_agency.step.index": index, **inherited}
    yield _span(trace, step, root, f"step step_{index}", start, 9_900_000_000, own)


def _call(trace: str, parent: str, start: int, call: int, inherited: dict[str, str]) -> dict[str, object]:
    if call % 3:
        tool = random.choice(TOOLS)
        arguments = json.dumps({"path": f"src/module_{random.randrange(400)}.py", "line": random.randrange(900)})
        facts: dict[str, object] = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": tool,
            "gen_ai.tool.call.id": random.randbytes(6).hex(),
            "gen_ai.tool.call.arguments": arguments,
            "gen_ai.tool.type": "function",
            "http.response.status_code": 200,
        }
        return _span(trace, _id(), parent, f"execute_tool {tool}", start, 80_000_000, {**facts, **inherited})
    model = random.choice(MODELS)
    facts = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": model,
        "gen_ai.usage.input_tokens": random.randrange(500, 9_000),
        "gen_ai.usage.output_tokens": random.randrange(20, 900),
        "gen_ai.usage.cache_read.input_tokens": random.randrange(400),
        "server.address": "api.example.com",
        "gen_ai.response.id": random.randbytes(12).hex(),
        "dev_agency.cost.usd": round(random.random() / 50, 6),
    }
    return _span(trace, _id(), parent, f"chat {model}", start, 390_000_000, {**facts, **inherited})


def _span(
    trace: str, span: str, parent: str, name: str, start: int, duration: int, facts: dict[str, object]
) -> dict[str, object]:
    failed = random.random() < 0.03
    return {
        "traceId": trace,
        "spanId": span,
        "parentSpanId": parent,
        "name": name,
        "kind": 1,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + duration),
        "attributes": _attributes(facts),
        "status": {"code": 2, "message": "timed out"} if failed else {},
    }


def _attributes(facts: dict[str, object]) -> list[dict[str, object]]:
    return [{"key": key, "value": _value(value)} for key, value in facts.items()]


def _value(value: object) -> dict[str, object]:
    if isinstance(value, str):
        return {"stringValue": value}
    return {"intValue": str(value)} if isinstance(value, int) else {"doubleValue": value}


def _id() -> str:
    return random.randbytes(8).hex()


if __name__ == "__main__":
    main()
