"""The key figures against their targets, then what matters most; the last 30 days unless said otherwise."""

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace

from tachograph import settings
from tachograph.cli import gates
from tachograph.cli.common import FAILED, OK, UNREACHABLE, WRONG_USE, Refusal, reading, rendered, show, tell, write
from tachograph.cli.judging import judged
from tachograph.cli.recommend import declare_recipes
from tachograph.deliver import webhook
from tachograph.deliver.webhook import Webhook
from tachograph.measure.improvements import verifications
from tachograph.measure.report import report
from tachograph.present import as_json, markdown, readable
from tachograph.records import Report, Window
from tachograph.store import Store

FORMATS = ("text", "json", "markdown", "html")

_DAYS_30 = 30 * 86_400 * 1_000_000_000
_FROM_SETTINGS = ""


def declare(parser: argparse.ArgumentParser) -> None:
    declare_recipes(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="write it there; - is standard output")
    parser.add_argument(
        "--fail-on",
        action="append",
        choices=gates.GATES,
        default=[],
        help="exit status 1 where a bottleneck or recommendation is as grave, or (kpi) a key figure misses its target "
        "with its whole interval; may be repeated",
    )
    parser.add_argument(
        "--post",
        nargs="?",
        const=_FROM_SETTINGS,
        metavar="URL",
        help=f"send a summary to a webhook, again where it fails; without URL to {settings.POST_URL}",
    )
    parser.add_argument(
        "--post-format", choices=("slack", "json"), help="what is sent; by default slack to hooks.slack.com, else json"
    )


def run(options: argparse.Namespace) -> int:
    to = _webhook(options.post)
    with reading(options) as store:
        made = _judged(store, report(store, _window(options), members=options.format == "json"), options)
    _give(made, options)
    failed = gates.failures(made, options.fail_on)
    for line in failed:
        tell(readable.visible(f"--fail-on: {line}").replace("\n", " "))
    if gates.unjudged(made, options.fail_on):
        tell("--fail-on: bottlenecks were not looked for, so none can fail")
    if to and not _posted(made, failed, to, options.post_format):
        return UNREACHABLE
    return FAILED if failed else OK


def _give(made: Report, options: argparse.Namespace) -> None:
    to_file = options.output not in (None, "-")
    if options.format == "text" and not to_file:
        from tachograph.present.report import report as render

        show(render(made))
    else:
        write(_text(made, options.format), options.output)


def _text(made: Report, format: str) -> str:
    if format == "json":
        return as_json.report(made) + "\n"
    if format == "markdown":
        return markdown.report(made)
    if format == "html":
        from tachograph.present.html import page

        return page(made)
    from tachograph.present.report import report as render

    return rendered(render(made))


def _webhook(address: str | None) -> Webhook | None:
    if address is None:
        return None
    named = address or settings.post_url()
    if not named:
        raise Refusal(f"--post needs a URL, there or in {settings.POST_URL}", WRONG_USE)
    try:
        return webhook.webhook(named)
    except webhook.WrongAddress as wrong:
        raise Refusal(f"{wrong}; say --post https://host/path", WRONG_USE) from None


def _posted(made: Report, failed: Sequence[str], to: Webhook, format: str | None) -> bool:
    from tachograph.present import summary

    as_slack = format == "slack" or (format is None and to.is_slack)
    try:
        webhook.post(to, summary.slack(made, failed) if as_slack else summary.plain(made, failed))
    except webhook.NotPosted as why:
        tell(f"the summary was not posted: {why}")
        return False
    return True


def _judged(store: Store, made: Report, options: argparse.Namespace) -> Report:
    """With what costs most, what to do about it, and what was done brought."""
    found = judged(store, made.window, options.recipes, made.tools)
    return replace(
        made,
        bottlenecks=found.bottlenecks,
        recommendations=found.recommendations,
        insufficient=found.insufficient,
        verified=verifications(store),
        not_included=(),
    )


def _window(options: argparse.Namespace) -> Window:
    until = time.time_ns() if options.until is None else options.until
    since = until - _DAYS_30 if options.since is None else options.since
    if since >= until:
        raise Refusal("--since is not before --until; exchange them", WRONG_USE)
    return Window(since, until)
