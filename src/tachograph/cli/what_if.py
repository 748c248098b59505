"""What a change to a recipe would bring: its recorded executions, replayed with the change."""

import argparse
from collections.abc import Callable

from tachograph.cli.common import FAILED, OK, WRONG_USE, Refusal, reading, show, window
from tachograph.measure.replay import CannotReplay, Change, Forecast, Runs, predict
from tachograph.measure.replay.loading import load_runs, recipes
from tachograph.present import as_json


def declare(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.set_defaults(parallel=[], drop=[], scale=[], attempts=[], agent=[])
    add("recipe", metavar="RECIPE", help="the recipe, as `tachograph recipes` lists them")
    add("--parallel", action="append", type=_group, metavar="A,B", help="run these steps at the same time")
    add("--drop", action="append", metavar="STEP", help="leave this step out")
    add("--scale", action="append", type=_pair(_factor), metavar="STEP=0.5", help="a step takes this much of its time")
    add("--cap-context", type=_whole, metavar="N", help="no agent gets a context of more than N tokens")
    add("--order", type=_group, metavar="A,B", help="these steps in this order, in the places that they have")
    add("--attempts", action="append", type=_pair(_whole), metavar="STEP=N", help="try a step N times at most")
    add("--agent", action="append", type=_pair(str), metavar="STEP=NAME", help="another agent does this step")
    add("--workers", type=_whole, metavar="N", help="N steps at once, each as soon as what it depends on has ended")
    add("--later", type=_whole, metavar="N", help="executions on which it will be measured; else as many as recorded")


def run(options: argparse.Namespace) -> int:
    change = _change(options)
    with reading(options) as store:
        runs = load_runs(store, options.recipe, window(options))
        if not runs.runs:
            known = ", ".join(recipes(store, window(options))) or "none"
            raise Refusal(f"no recipe named {options.recipe!r} in this window; there are: {known}", FAILED)
    _check_steps(runs, change)
    try:
        found = predict(runs, change, later_runs=options.later)
    except CannotReplay as reason:
        raise Refusal(str(reason), FAILED) from reason
    _print(found, options)
    return OK


def _change(options: argparse.Namespace) -> Change:
    return Change(
        parallel=tuple(options.parallel),
        drop=tuple(options.drop),
        order=options.order or (),
        scale=tuple(options.scale),
        cap_context=options.cap_context,
        attempts=tuple(options.attempts),
        agents=tuple(options.agent),
        workers=options.workers,
    )


def _check_steps(runs: Runs, change: Change) -> None:
    unknown = [name for name in change.steps if name not in runs.steps]
    if unknown and runs.steps:
        raise Refusal(f"{runs.recipe} has no step {unknown[0]!r}; its steps are: {', '.join(runs.steps)}", WRONG_USE)


def _print(found: Forecast, options: argparse.Namespace) -> None:
    if options.format == "json":
        print(as_json.dumps(found))
        return
    from tachograph.present.whatif import forecast

    show(forecast(found, _said(options)))


def _said(options: argparse.Namespace) -> list[str]:
    """The change in words."""
    said = [f"{' and '.join(group)} in parallel" for group in options.parallel]
    said += [f"without {name}" for name in options.drop]
    said += [f"{name} in {factor:g} of its time" for name, factor in options.scale]
    said += [f"context of at most {options.cap_context:,} tokens"] if options.cap_context else []
    said += [f"in the order {', '.join(options.order)}"] if options.order else []
    said += [f"{name} tried at most {most} times" for name, most in options.attempts]
    said += [f"{name} by {agent}" for name, agent in options.agent]
    return said + ([f"{options.workers} workers"] if options.workers else [])


def _group(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if len(names) < 2:
        raise argparse.ArgumentTypeError(f"{text!r} does not name two steps or more, as in A,B")
    return names


def _pair(kind: Callable[[str], object]) -> Callable[[str], tuple[str, object]]:
    def parse(text: str) -> tuple[str, object]:
        name, equals, value = text.rpartition("=")
        if not equals or not name.strip() or not value.strip():
            raise argparse.ArgumentTypeError(f"{text!r} is not of the form STEP=VALUE")
        return name.strip(), kind(value.strip())

    return parse


def _factor(text: str) -> float:
    try:
        factor = float(text)
    except ValueError:
        factor = -1.0
    if not 0 <= factor < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no factor such as 0.5")
    return factor


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above zero")
    return int(text)
