"""Receive OTLP/HTTP on loopback into the spool, so that no Collector is needed; until it is stopped."""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tachograph import settings
from tachograph.cli.common import OK, UNREACHABLE, WRONG_USE, Refusal, tell
from tachograph.settings import Settings

if TYPE_CHECKING:
    from tachograph.receive.address import Address

READS = False

_PORT = 4318  # which the protocol names
_SHOWN_S = 0.2  # between two counts on a terminal
_NAMES = {"traces": "spans", "logs": "log records", "metrics": "metrics"}


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, default=_PORT, help=f"{_PORT}, which OTLP/HTTP names; 0 is any free one")
    parser.add_argument("--host", default="127.0.0.1", help="127.0.0.1; another needs --allow-remote")
    parser.add_argument("--allow-remote", action="store_true", help="also listen where other machines can reach it")
    parser.add_argument("--keep-secrets", action="store_true", help="keep what looks like a secret as it is sent")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**16:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; say a number up to 65535")
    return int(text)


def run(options: argparse.Namespace) -> int:
    configured = settings.load()
    for problem in configured.problems:
        tell(problem)
    try:
        kept = _received(options, configured)
    except ModuleNotFoundError as missing:
        raise Refusal(f"{missing.name} is missing; run: pip install 'tachograph[analysis]'", WRONG_USE) from missing
    except OSError as error:
        where = f"{options.host}:{options.port}"
        raise Refusal(
            f"cannot listen on {where} ({error.strerror or error}); name another --port", UNREACHABLE
        ) from error
    tell(f"stopped; received {_counts(kept)}; read them with: tachograph ingest")
    return OK


def _received(options: argparse.Namespace, configured: Settings) -> Mapping[str, int]:
    from tachograph.deliver.spool import Spool
    from tachograph.receive import running
    from tachograph.receive.address import NotLoopback, resolved
    from tachograph.receive.keeping import Keeper
    from tachograph.receive.limits import Limits
    from tachograph.receive.server import Server

    try:
        address = resolved(options.host, options.port, allow_remote=options.allow_remote)
    except NotLoopback as error:
        advice = "others could send here; say --allow-remote where that is wanted"
        raise Refusal(f"{error} is not loopback: {advice}", WRONG_USE) from error
    limits, spool = Limits(), Spool(configured.spool_folder, configured.spool_bounds)
    keeper = Keeper(spool, limits, redacts=not options.keep_secrets)
    server = Server(keeper, limits, _status_line(keeper.kept))
    running.run(server, address, configured.receiver_note, lambda at: _announce(at, configured))
    spool.close()
    _end_status_line()
    return keeper.kept


def _announce(address: "Address", configured: Settings) -> None:
    if not address.is_loopback:
        tell(f"listening where other machines can send: anybody who reaches {address.url} can write into the spool")
    folder = settings.without_user_home(str(configured.spool_folder))
    tell(f"receiving OTLP/HTTP on {address.url} into {folder}; Ctrl+C ends it")


def _status_line(kept: Mapping[str, int]) -> Callable[[], None]:
    """Shows on a terminal what was received so far, a few times a second at most; nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda: None
    shown = 0.0

    def show() -> None:
        nonlocal shown
        if time.monotonic() - shown >= _SHOWN_S:
            shown = time.monotonic()
            print(f"\r\x1b[Kreceived {_counts(kept)}", end="", file=sys.stderr, flush=True)

    return show


def _end_status_line() -> None:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _counts(kept: Mapping[str, int]) -> str:
    return ", ".join(f"{kept.get(signal, 0):,} {name}" for signal, name in _NAMES.items())
