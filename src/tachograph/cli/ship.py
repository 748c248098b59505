"""Deliver the spool to a Collector over OTLP/HTTP; what was delivered is not sent again."""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tachograph import settings
from tachograph.cli.common import OK, UNREACHABLE, WRONG_USE, Refusal, tell
from tachograph.deliver import sweeping
from tachograph.deliver.shipping import destination
from tachograph.deliver.shipping.delivery import Delivered, Delivery
from tachograph.deliver.shipping.lock import sole
from tachograph.settings import Settings

_TOLD = 3  # reasons for rejections told one by one
_UNITS = {"ms": 0.001, "": 1, "s": 1, "m": 60, "h": 3600}


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--endpoint",
        metavar="URL",
        help=f"the Collector; else the standard variables OTEL_EXPORTER_OTLP_*, else {destination.DEFAULT}",
    )
    parser.add_argument(
        "--for",
        dest="patience",
        type=_duration,
        default=30.0,
        metavar="TIME",
        help="how long to try without any progress: 30s (the default), 5m",
    )


def _duration(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h)?", text.strip())
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; say 30s or 5m")
    return float(match[1]) * _UNITS[match[2] or ""]


def run(options: argparse.Namespace) -> int:
    configured = settings.load()
    try:
        where = destination.destinations(options.endpoint, settings.exporter_variables())
    except destination.WrongSetting as wrong:
        raise Refusal(str(wrong), WRONG_USE) from wrong
    for problem in configured.problems:
        tell(problem)
    result = _deliver(configured, where, options.patience)
    _print(result, options.format)
    return UNREACHABLE if result.problems else OK


def _deliver(configured: Settings, where: dict[str, destination.Destination], patience: float) -> Delivered:
    folder = configured.spool_folder
    if not folder.is_dir():
        return Delivered()
    try:
        with sole(folder, patience, lambda: tell("another ship is running; waiting for it")) as alone:
            if not alone:
                raise Refusal("another ship is still running; it delivers this spool", UNREACHABLE)
            with _progress() as progress:
                result = Delivery(folder, where, patience, progress).run()
            sweeping.sweep(folder, configured.spool_bounds)
            return result
    except OSError as error:
        raise Refusal(
            f"{error.filename or folder} cannot be used ({error.strerror}); check its permissions and the disk",
            UNREACHABLE,
        ) from error


@contextmanager
def _progress() -> Iterator[Any]:
    """A count on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    yield lambda count: print(f"\r{count:,} delivered", end="", file=sys.stderr, flush=True)
    print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _print(result: Delivered, format: str) -> None:
    for reason in result.rejections[:_TOLD]:
        tell(f"rejected: {reason}")
    if len(result.rejections) > _TOLD:
        tell(f"… {result.rejected} rejected in all; they are not sent again, and stay in the spool for ingest")
    if result.problems:
        reasons = "; ".join(dict.fromkeys(result.problems.values()))
        tell(f"{reasons}: {result.delivered:,} delivered, {result.left:,} left; run tachograph ship again")
    if format == "json":
        fields = ("delivered", "already", "left", "rejected", "waiting", "damaged")
        print(json.dumps({field: getattr(result, field) for field in fields}))
    else:
        print(_sentence(result))


def _sentence(result: Delivered) -> str:
    said = f"{result.delivered:,} spans and log records delivered; {result.already:,} were before, {result.left:,} left"
    if result.rejected:
        said += f", {result.rejected:,} rejected"
    if result.waiting:
        said += f"; {result.waiting:,} files belong to programs that run and deliver them themselves"
    return said
