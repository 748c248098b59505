"""Whether what happens is seen at all: arrivals, losses, queues, overflowing labels."""

from typing import Final

from monitoring import config
from monitoring import expressions as e
from monitoring.page import Page, Row
from monitoring.panels import BYTES, NUMBER, SHARE, Target, bars, trend, words

PAGE: Final = Page(
    "telemetry",
    "tachograph / Telemetry health",
    "Whether telemetry is made, kept, delivered and read.",
    (
        Row(
            "Is it there",
            (
                trend(
                    "Scrapes",
                    "1 where Prometheus can read the source, 0 where it cannot.",
                    [e.UP],
                    NUMBER,
                    target=Target(1),
                ),
                trend(
                    "Executions seen",
                    "In the hour before each point, and a week before.",
                    [e.EXECUTIONS_SEEN, e.EXECUTIONS_LAST_WEEK],
                    NUMBER,
                ),
                bars(
                    "Lost in programs", "What programs could not keep, by reason; nothing is good.", e.DROPPED, NUMBER
                ),
            ),
        ),
        Row(
            "The Collector",
            (
                trend("Received", "Spans that its receivers took and turned away.", [e.ACCEPTED, e.REFUSED], NUMBER),
                trend("Sent", "Spans that its exporters delivered and gave up on.", [e.SENT, e.FAILED], NUMBER),
                trend(
                    "Queues",
                    "How full each exporter's queue is.",
                    [e.QUEUE],
                    SHARE,
                    target=Target(config.QUEUE_FILLED, above=False),
                ),
                trend("Memory", "Resident memory of the Collector.", [e.MEMORY], BYTES),
            ),
        ),
        Row(
            "What it costs",
            (
                bars("Series", "Series by metric; they must not grow with the number of processes.", e.SERIES, NUMBER),
                bars(
                    "Overflowing labels",
                    "Series of label values beyond the first 200, called other.",
                    e.OVERFLOW,
                    NUMBER,
                ),
                words(
                    "On the spot",
                    "What to run where telemetry is made.",
                    "What programs record is in their spools, also while nothing here is read:\n\n"
                    "`tachograph ingest && tachograph report` shows it without any of this.",
                ),
            ),
        ),
    ),
)
