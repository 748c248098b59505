"""One request into the spool: unpacked, taken apart, without secrets, and on disk before it is answered."""

from collections import Counter
from collections.abc import Callable

from tachograph.deliver.spool import Spool
from tachograph.receive import answers
from tachograph.receive.answers import Answer
from tachograph.receive.limits import Limits
from tachograph.receive.lines import Tally, lines
from tachograph.receive.redacting import redacted
from tachograph.receive.refused import Refused, busy, malformed
from tachograph.receive.requests import groups
from tachograph.receive.signals import Json, Signal
from tachograph.receive.unpacking import unpacked


class Keeper:
    """Keeps requests, one at a time; `kept` counts records by signal."""

    def __init__(self, spool: Spool, limits: Limits, *, redacts: bool = True) -> None:
        self._spool, self._limits = spool, limits
        self._clean: Callable[[Json], Json] = redacted if redacts else lambda message: message
        self.kept: Counter[str] = Counter()

    def keep(self, signal: Signal, body: bytes, encoding: str, content_type: str) -> Answer:
        """The answer to a request, whose records are in the spool by then."""
        try:
            tally = self._keep(signal, unpacked(body, encoding, self._limits.body), content_type == answers.JSON)
        except Refused as refusal:
            return answers.refused(refusal, content_type)
        return answers.taken(signal, content_type, tally.rejected, "; ".join(tally.reasons))

    def _keep(self, signal: Signal, body: bytes, is_json: bool) -> Tally:
        tally, lost = Tally(), self._spool.dropped
        for line in lines(signal, groups(signal, body, is_json=is_json, limits=self._limits), self._clean, tally):
            self._spool.write(line)
            if self._spool.dropped > lost:
                # What was kept of the request is sent again with the rest, and counted once when it is read.
                raise busy("the spool cannot be written; look at its disk", self._limits.retry_after_s)
        if tally.rejected and not tally.accepted:
            raise malformed("; ".join(tally.reasons))
        self.kept[signal.name] += tally.accepted
        return tally
