"""Context that is too large, slow to prepare, or sent again."""

from detection.agency import Agency
from detection.faults.injection import Choice, Injection, injection, of_agent


def oversized_context(choice: Choice, strength: int, form: str) -> Injection:
    """Tokens that nobody needs: the whole repository, what came before in the session, more or less of everything."""
    agent = choice.agent()
    tokens = (20_000, 40_000, 70_000, 110_000, 170_000)[strength - 1]

    def harm(agency: Agency) -> None:
        one = agency.agents[agent]
        one.dump_share, one.dump_tokens, one.dump_kind = (0.5 if form == "dump" else 1.0), tokens * 1.0, form
        one.dump_tokens *= {"dump": 1.2, "hoard": 0.5, "everything": 0.8}[form]

    names = of_agent(choice, agent)
    return injection("oversized_context", form, strength, names, harm, also={"redundant_context"})


def slow_context_preparation(choice: Choice, strength: int, form: str) -> Injection:
    """Context is made anew for each task: an index, many files one by one, or an index of a growing code base."""
    agent = choice.agent()
    seconds = (3.0, 6.0, 11.0, 18.0, 30.0)[strength - 1]

    def harm(agency: Agency) -> None:
        agency.agents[agent].slow_preparation, agency.agents[agent].preparation_kind = seconds, form

    return injection("slow_context_preparation", form, strength, of_agent(choice, agent), harm)


def redundant_context(choice: Choice, strength: int, form: str) -> Injection:
    """The same files are read again in each turn, or the provider's cache is missed each time."""
    agent = choice.agent()

    def prepare(agency: Agency) -> None:
        for each in agency.agents.values():
            each.turns = (3, 4, 6)
            if form == "uncached":
                each.context = (15_000, 25_000, 40_000, 60_000, 90_000)[strength - 1]
            else:
                each.files = 3

    def harm(agency: Agency) -> None:
        if form == "uncached":
            agency.agents[agent].caches = False
        else:
            agency.agents[agent].rereads = (1, 2, 3, 5, 8)[strength - 1]

    also = {"oversized_context", "retry_loop"} if form == "reread" else {"oversized_context"}
    names = of_agent(choice, agent) | ({"read_file"} if form == "reread" else set())
    return injection("redundant_context", form, strength, names, harm, prepare, also=also)
