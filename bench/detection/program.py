"""How right are the detectors? Worlds with known faults, read and judged by the real commands.

    python bench/detection --quick            # minutes; one strength and size of each cause, 20 worlds without a fault
    python bench/detection --json all.json    # all of it
    python bench/detection --only wrong_agent --size medium
    python bench/detection --write DIR --only retry_loop --strength 4    # only the telemetry and its truth

Tables go to standard output, progress to standard error. Every run has a store of its own; nothing is kept.
The exit status is 1 where a command failed in a run, else 0, whatever the figures are.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

from detection import nulls, plan, tables
from detection.faults import INJECTIONS, STRENGTHS
from detection.perturb import Perturbation
from detection.running import PRODUCT, Result, has_bottlenecks, run
from detection.scenario import SIZES, Scenario, generate


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what the options say."""
    options = _options(arguments)
    if options.write:
        return _write(options)
    if options.one:
        scenarios = [_one(options)]
    else:
        made = plan.quick if options.quick else plan.full
        number = options.runs if options.runs is not None else 20 if options.quick else 200
        scenarios = list(made(number, options.only, options.size))
    if options.undamaged:
        scenarios = [each for each in scenarios if each.how == Perturbation()]
    results = list(_run_all(scenarios, options.jobs, not options.baselines))
    print(tables.render(results))
    if options.json:
        options.json.write_text(json.dumps(_told(results), indent=1, allow_nan=False), encoding="utf-8")
    return int(any(judged.failed for result in results for judged in result.judged.values()))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "bench/detection", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a few minutes")
    parser.add_argument("--runs", type=int, metavar="N", help="worlds without a fault (200; 20 with --quick)")
    parser.add_argument("--only", default="", metavar="CAUSE", choices=("", "null", *INJECTIONS), help="or null")
    parser.add_argument("--size", default="", choices=("", *SIZES), help="of samples: " + ", ".join(SIZES))
    parser.add_argument("--undamaged", action="store_true", help="complete telemetry only")
    parser.add_argument("--baselines", action="store_true", help="judge the baselines only")
    parser.add_argument("--jobs", type=int, default=2, help="runs at once (2)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every run with its truths and findings")
    parser.add_argument(
        "--one", action="store_true", help="one run: --only, --strength, --form, --null, --size, --seed"
    )
    parser.add_argument("--write", type=Path, metavar="DIR", help="only write the telemetry and the truth of one run")
    parser.add_argument("--strength", type=int, default=4, choices=STRENGTHS)
    parser.add_argument("--form", default="", help="of the fault, where it has several")
    parser.add_argument("--null", default="plain", choices=[each.__name__ for each in nulls.NULLS])
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


def _one(options: argparse.Namespace) -> Scenario:
    size = options.size or "medium"
    if options.only in ("", "null"):
        return Scenario(options.seed, size, null=options.null)
    return Scenario(options.seed, size, ((options.only, options.strength, options.form),))


def _write(options: argparse.Namespace) -> int:
    options.write.mkdir(parents=True, exist_ok=True)
    scenario = _one(options)
    generate(scenario, options.write)
    print(f"{scenario.name}: {options.write / 'telemetry.jsonl'}, truth.json", file=sys.stderr)
    return 0


def _run_all(scenarios: list[Scenario], jobs: int, wanted: bool) -> Iterator[Result]:
    """Results in the order of the scenarios; a world that cannot be made or read ends the benchmark."""
    product = wanted and has_bottlenecks()
    if wanted and not product:
        print(f"{PRODUCT} has no command bottlenecks: only the baselines are judged", file=sys.stderr)
    results: dict[Scenario, Result] = {}
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(run, scenario, product): scenario for scenario in scenarios}
        for done in as_completed(waiting):
            scenario = waiting[done]
            results[scenario] = done.result()
            _progress(len(results), len(scenarios), results[scenario])
    for scenario in scenarios:
        yield results[scenario]


def _progress(done: int, total: int, result: Result) -> None:
    judged = result.judged.get(PRODUCT)
    told = "" if judged is None else f": {_verdict(result)}"
    print(f"[{done}/{total}] {result.scenario.name}{told}", file=sys.stderr)


def _verdict(result: Result) -> str:
    judged = result.judged[PRODUCT]
    if judged.failed:
        return f"FAILED {judged.failed}"
    places = [
        f"{told.cause} {f'at {told.rank}' if told.rank else 'missed' if told.matters else 'too small'}"
        for told in judged.told
    ]
    return ", ".join((*places, f"{len(judged.false)} false"))


def _told(results: list[Result]) -> dict[str, object]:
    systems = list(dict.fromkeys(system for result in results for system in result.judged))
    return {
        "figures": {system: tables.figures(results, system) for system in systems},
        "runs": [{"name": result.scenario.name, **asdict(result)} for result in results],
    }
