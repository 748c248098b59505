"""Building blocks of PromQL: how things are counted in a window, and shares and means of counts."""

import re
from typing import Final

from tachograph import vocabulary as v
from tachograph.vocabulary import Metric

_MINUTES: Final = {"m": 1, "h": 60, "d": 1_440, "w": 10_080}

QUEUE: Final = "max by (exporter, data_type) (otelcol_exporter_queue_size / otelcol_exporter_queue_capacity)"

BUCKET: Final = "_bucket"
COUNT: Final = "_count"
SUM: Final = "_sum"

SUCCEEDED: Final = 'outcome="success"'
COUNTS: Final = 'outcome!="skip"'  # skipped executions count nowhere


def name(metric: Metric, part: str = "") -> str:
    """The series of a metric, or of a part of a histogram."""
    return metric.prometheus_name + part


def series(metric: Metric, *matchers: str, part: str = "") -> str:
    """A selector."""
    return name(metric, part) + (f"{{{', '.join(matchers)}}}" if matchers else "")


def counted(selector: str, window: str, *labels: str) -> str:
    """How much a counter grew over a window, summed up by labels, including the value with which a series began.

    `increase` alone misses that value, and with it the first failure of an agent, or an agent that ran once; and it
    guesses what happened before the first sample. So of a series that began in the window its latest value counts. A
    series began there if it was there neither just before nor at some earlier moments, which tell it from one that
    Prometheus did not see for a while. Where it was reset since, `increase` adds up the parts.
    """
    began = f"last_over_time({selector}[{window}]) unless {_seen_before(selector, window)}"
    whole = f"({began} unless resets({selector}[{window}]) > 0)"
    return f"{_sum(labels)} ({whole} or increase({selector}[{window}]))"


def _seen_before(selector: str, window: str) -> str:
    at_once = f"{selector} offset {window}"
    if "$" in window:  # a variable cannot be added to; this looks at every quarter of an hour of the day before
        return f"{at_once} unless last_over_time({selector}[1d:15m] offset {window})"
    hour, day = (f"{selector} offset {minutes(window) + before}m" for before in (60, 1_440))
    return f"{at_once} unless {hour} unless {day}"


def minutes(window: str) -> int:
    """The length of a window such as 6h."""
    found = re.fullmatch(r"(\d+)([mhdw])", window)
    if not found:
        raise ValueError(f"not a window: {window}")
    return int(found[1]) * _MINUTES[found[2]]


def _sum(labels: tuple[str, ...]) -> str:
    return f"sum by ({', '.join(labels)})" if labels else "sum"


def part_of(part: str, whole: str) -> str:
    """A share of counts by the same labels: nothing where there is no whole, 0 where only the part is missing."""
    return f"(({part}) or ({whole}) * 0) / (({whole}) > 0)"


def mean(total: str, count: str) -> str:
    """A sum by its count; nothing where nothing was counted."""
    return f"({total}) / (({count}) > 0)"


def success_rate(metric: Metric, window: str, *labels: str, matchers: tuple[str, ...] = ()) -> str:
    """Successful executions of all that count."""
    succeeded = counted(series(metric, SUCCEEDED, *matchers), window, *labels)
    return part_of(succeeded, counted(series(metric, COUNTS, *matchers), window, *labels))


def mean_of(metric: Metric, window: str, *labels: str, matchers: tuple[str, ...] = ()) -> str:
    """The mean of a histogram's observations."""
    total, count = (counted(series(metric, *matchers, part=part), window, *labels) for part in (SUM, COUNT))
    return mean(total, count)


def quantile(share: float, metric: Metric, window: str, *labels: str, matchers: tuple[str, ...] = ()) -> str:
    """A quantile of a histogram's observations, as exactly as its buckets allow."""
    return f"histogram_quantile({share}, {counted(series(metric, *matchers, part=BUCKET), window, 'le', *labels)})"


def time_saved(window: str, *labels: str, matchers: tuple[str, ...] = ()) -> str:
    """The mean over successful executions of 1 - duration / manual duration."""
    used, compared = (counted(series(metric, *matchers), window, *labels) for metric in (v.TIME_USED, v.TIME_COMPARED))
    return f"1 - {mean(used, compared)}"


def token_efficiency(window: str, *labels: str, matchers: tuple[str, ...] = ()) -> str:
    """1 - wasted / total tokens, both from the marks of agents' spans."""
    metrics = (v.TOKENS_WASTED, v.TOKENS_WEIGHED)
    wasted, total = (counted(series(metric, *matchers), window, *labels) for metric in metrics)
    return f"1 - {part_of(wasted, total)}"


def grew(base: str, window: str, *labels: str, signal: str = "spans") -> str:
    """How much a counter of the Collector itself grew; only when scraped as OpenMetrics its name ends in `_total`."""
    names = (f"otelcol_{base}_{signal}_total", f"otelcol_{base}_{signal}")
    return "(" + " or ".join(counted(each, window, *labels) for each in names) + ")"
