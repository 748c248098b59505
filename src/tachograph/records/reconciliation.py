"""How the tokens that are counted compare with those that spans state, so that nobody wonders which is right."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Over the `agents` whose own span states a total: `reported` by them, `calls` their calls added up, `counted`
    what is in the figures; tokens. `differing` agents state something else than is counted: `cache_twice` added what
    a cache held to an input that includes it, `call_twice` added a call that was told of twice, `unmetered_agents`
    know of calls that say no usage themselves. Over all executions: calls and tokens that were told of by two
    instrumentations and are left out, and calls that ended well without a usage: unknown, not zero."""

    agents: int = 0
    differing: int = 0
    reported: int = 0
    calls: int = 0
    counted: int = 0
    cache_twice: int = 0
    call_twice: int = 0
    unmetered_agents: int = 0
    doubled_calls: int = 0
    doubled_tokens: int = 0
    unmetered_calls: int = 0

    @property
    def agrees(self) -> bool:
        """Whether there is nothing to explain."""
        return not (self.differing or self.doubled_calls or self.unmetered_calls)
