"""What metrics cannot say, asked of the spans that the Collector's exporter writes to ClickHouse."""

from typing import Final

from tachograph import vocabulary as v

# Users are no label: there may be any number of them. Sessions stand in only where no user is known at all.
ADOPTION: Final = f"""
WITH coalesce(nullIf(SpanAttributes['{v.USER_ID}'], ''), nullIf(SpanAttributes['{v.SESSION_ID}'], '')) AS who
SELECT uniqExactIf(who, mapContains(SpanAttributes, '{v.COMMAND_NAME}')) / nullIf(uniqExact(who), 0) AS adoption
FROM otel.otel_traces
WHERE $__timeFilter(Timestamp)"""
