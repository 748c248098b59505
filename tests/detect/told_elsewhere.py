"""Stories as other programs tell them: a class for all of a recipe, servers that are slow at times, work that is
killed, steps that run again; and what looks like a fault and is none."""

from stories import Case
from workshop import SECOND, Execution, Story

_DAY_NS = 86_400_000_000_000
_WRITTEN = "gen_ai.usage.output_tokens"
_OF_ALL = {"dev_agency.task.class": "feature"}


def _one_is_slow(one: Execution, root: int) -> None:
    """The class is that of the whole recipe: who plans is no rival of who codes."""
    one.step("plan", root, lambda one, at: one.agent("planner", at, seconds=0.5, facts=_OF_ALL))
    coder = one.chance.choice(["ann", "bob"])
    one.step("code", root, lambda one, at: one.agent(coder, at, seconds=6.0 if coder == "bob" else 3.0, facts=_OF_ALL))


def _nobody_knows_law(one: Execution, root: int) -> None:
    """The class is that of the whole recipe, and only who drafts fails at one of them."""
    facts = {"dev_agency.task.class": one.chance.choice(["legal", "letter"])}
    one.step("research", root, lambda one, at: one.agent("reader", at, facts=facts))
    writer = one.chance.choice(["ann", "bob"])
    one.failed = one.chance.random() < (0.5 if facts["dev_agency.task.class"] == "legal" else 0.05)
    one.step("draft", root, lambda one, at: one.agent(writer, at, ok=not one.failed, facts=facts))


def _ping_pong(one: Execution, root: int) -> None:
    """Agents directly in the recipe, which has no steps."""
    for _ in range(3 if one.chance.random() < 0.5 else 1):
        one.agent("writer", root)
        one.agent("critic", root, seconds=1.0)


def _detour(one: Execution, root: int) -> None:
    """Every second day what is fetched comes a long way; no tool is here to compare it with."""
    far = 6.0 if one.at // _DAY_NS % 2 else 0.0

    def work(one: Execution, agent: int) -> None:
        for _ in range(3):
            one.tool("fetch", agent, one.luck() + far, **{"server.address": "far.example"})

    one.step("collect", root, lambda one, at: one.agent("reader", at, work))


def _refused(one: Execution, root: int) -> None:
    """A tool is refused, while the model's server answers."""

    def work(one: Execution, agent: int) -> None:
        facts = {"server.address": "search.example", "gen_ai.tool.call.arguments": "what"}
        while one.chance.random() < 0.5:
            one.tool("search", agent, 0.2, ok=False, **facts, **{"http.response.status_code": 429})
            one.at += 3_000_000_000
        one.tool("search", agent, one.luck(), **facts)

    one.step("collect", root, lambda one, at: one.agent("reader", at, work))


def _killed(one: Execution, root: int) -> None:
    """A step that is killed the sooner the less memory is left, and takes no longer for it."""
    pressure = one.chance.random()
    one.failed = one.chance.random() < 0.6 * pressure
    number, start = one.reserve(), one.at
    one.tool("link", number, 2.0 * one.luck())
    facts = {"dev_agency.step.name": "build", "host.memory.pressure": pressure}
    one.ended(number, facts, start, root, ok=not one.failed, name="step build")


def _rounds(one: Execution, root: int) -> None:
    """Steps that are run again until the test passes, as steps of the recipe."""
    for left in range(one.chance.choice([1, 1, 4]), 0, -1):
        one.step("code", root, lambda one, at: one.agent("coder", at))
        one.step("test", root, lambda one, at: one.tool("suite", at, one.luck()), ok=left == 1)


def _bad_days(one: Execution, root: int) -> None:
    """A model whose answers come late on every third day."""
    late = 4.0 if one.at // _DAY_NS % 3 == 0 else 1.0

    def work(one: Execution, agent: int) -> None:
        for _ in range(3):
            one.model(agent, late * one.luck(), **{"server.address": "models.example"})

    one.step("code", root, lambda one, at: one.agent("coder", at, work, seconds=0.5))


def _killed_agent(one: Execution, root: int) -> None:
    """An agent that is killed the sooner the less memory is left."""
    pressure = one.chance.random()
    one.failed = one.chance.random() < 0.8 * pressure
    facts = {"host.memory.pressure": pressure}
    one.step("code", root, lambda one, at: one.agent("coder", at, ok=not one.failed, facts=facts))


def _handed_too_much(one: Execution, root: int) -> None:
    """Only the size of what agents are handed is told, not what their models read."""
    name = one.chance.choice(["ann", "bob"])
    size = int(4_000 * one.luck() * (8 if name == "bob" else 1))
    number, start = one.reserve(), one.at
    one.at += int((2.0 * one.luck() + size * 2e-4) * SECOND)
    facts = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name, "dev_agency.context.size": size}
    one.ended(number, facts | _OF_ALL, start, root, name=f"invoke_agent {name}")


def _two_sizes(one: Execution, root: int, more_work: int = 1) -> None:
    """An agent whose work nobody else does, and that reads ten times as much in nearly half of its executions."""
    is_large = one.chance.random() < 0.45
    tokens = int(5_000 * one.luck(0.2) * (10 if is_large else 1))
    written = 300 * (more_work if is_large else 1)

    def work(one: Execution, agent: int) -> None:
        one.model(agent, tokens * 1e-4 * one.luck(0.1) + written * 0.01, tokens, **{_WRITTEN: written})

    one.step("code", root, lambda one, at: one.agent("coder", at, work, seconds=0.5))


def _share_a_database(one: Execution, root: int) -> None:
    """Two steps that take twice as long when they begin together."""
    together, start = one.chance.random() < 0.5, one.at
    for name in ("migrate", "seed"):
        one.at = start if together else one.at
        one.step(name, root, lambda one, at: one.tool("sql", at, (4.0 if together else 2.0) * one.luck(0.2)))


def _hands_out(one: Execution, root: int) -> None:
    """An agent that hands out tasks of several classes to whoever; nobody is good at one class."""

    def send(one: Execution, lead: int) -> None:
        for _ in range(one.chance.choice([2, 3, 4])):
            task = one.chance.choice(["bug", "docs", "cluster"])
            well = one.chance.random() > (0.5 if task == "cluster" else 0.05)
            facts = {"dev_agency.task.class": task}
            one.agent(one.chance.choice(["ann", "bob", "cay"]), lead, seconds=1.0, ok=well, facts=facts)

    one.agent("lead", root, send, seconds=0.5)


def _steps_come_back(one: Execution, root: int) -> None:
    """A review before there is anything to review, and then once more after each change, as steps of their own."""
    for _ in range(one.chance.choice([1, 2, 3])):
        one.step("review", root, lambda one, at: one.agent("critic", at, seconds=1.0))
        one.step("code", root, lambda one, at: one.agent("coder", at))


def _lead_sends_back(one: Execution, root: int) -> None:
    """An agent that sends two others, in half of its executions three times."""

    def send(one: Execution, lead: int) -> None:
        for _ in range(one.chance.choice([1, 3])):
            one.agent("writer", lead)
            one.agent("critic", lead, seconds=1.0)

    one.agent("lead", root, send, seconds=0.5)


def _nobody_ports(one: Execution, root: int) -> None:
    """Ports fail, now for who codes and now for who tests; each has a step of its own."""
    facts = {"dev_agency.task.class": one.chance.choice(["port", "page"])}
    for step, agent in (("code", "coder"), ("test", "tester")):
        well = one.chance.random() > (0.3 if facts["dev_agency.task.class"] == "port" else 0.03)
        one.failed |= not well
        one.step(step, root, lambda one, at, a=agent, w=well: one.agent(a, at, ok=w, facts=facts))  # type: ignore[misc]


def _slow_beside_who_reads_much(one: Execution, root: int) -> None:
    """Bob reads four times what Ann reads, and is twice as fast all the same."""
    name = one.chance.choice(["ann", "bob"])
    tokens = int(4_000 * one.luck(0.2) * (4 if name == "bob" else 1))
    seconds = (2.0 if name == "bob" else 8.0) * one.luck(0.2)

    def work(one: Execution, agent: int) -> None:
        one.model(agent, seconds + tokens * 1e-4, tokens)

    one.step("code", root, lambda one, at: one.agent(name, at, work, seconds=0.2, facts=_OF_ALL))


def _made_again(one: Execution, root: int) -> None:
    """A command that fails four times in a row, in a third of the executions, and then succeeds."""
    tries = 5 if one.chance.random() < 0.33 else 1

    def run(one: Execution, step: int) -> None:
        for left in range(tries, 0, -1):
            number, start = one.reserve(), one.at
            one.at += int(2 * SECOND * one.luck())
            facts = {"dev_agency.command.name": "make all", "process.exit.code": int(left > 1)}
            one.ended(number, facts, start, step, ok=left == 1, name="make all")

    one.step("compile", root, run)


def _slow_version_overlaps(one: Execution, root: int) -> None:
    """Of a version that is slow more run at once: it is not slow because of that."""
    new = one.number >= 75
    facts = {"gen_ai.agent.version": "2" if new else "1"}
    one.step("code", root, lambda one, at: one.agent("coder", at, seconds=5.0 if new else 3.0, facts=facts))


def _asks_too_early(one: Execution, root: int) -> None:
    """An agent that sometimes has a plan judged before there is a draft."""

    def send(one: Execution, lead: int) -> None:
        is_early = one.chance.random() < 0.4
        one.agent("critic" if is_early else "writer", lead, seconds=1.0)
        one.agent("writer" if is_early else "critic", lead, seconds=4.0 if is_early else 1.0)

    one.agent("lead", root, send, seconds=0.5)


def _checked_late(one: Execution, root: int) -> None:
    """A spec is checked once code and docs have been written side by side, though it was there before."""
    _checked(one, root, ["plan"])


def _checked(one: Execution, root: int, needs: list[str]) -> None:
    fails = one.chance.random() < 0.4
    one.failed = fails
    ends = list[int]()
    for step, seconds, declared in (("plan", 2.0, []), ("code", 6.0, ["plan"]), ("docs", 4.0, ["plan"])):

        def work(one: Execution, at: int, seconds: float = seconds) -> None:
            one.tool("work", at, seconds * one.luck())

        one.at = ends[0] if ends else one.at
        one.step(step, root, work, **{"step.depends_on": declared})
        ends.append(one.at)
    one.at = max(ends)
    one.step("check", root, lambda one, at: one.tool("look", at, 0.3), ok=not fails, **{"step.depends_on": needs})


def _two_prepare(one: Execution, root: int, slow: float = 3.0, size: int = 1) -> None:
    """Two agents at work of their own; one takes longer to prepare contexts that are so many times as large."""
    for name, seconds, tokens in (("writer", slow, 4_000 * size), ("critic", 0.2, 4_000)):

        def work(one: Execution, agent: int, seconds: float = seconds) -> None:
            one.context(agent, seconds * one.luck())

        facts = {"dev_agency.task.class": name, "dev_agency.context.size": int(tokens * one.luck(0.1))}
        one.agent(name, root, work, facts=facts)


def _now_and_then_indexes(one: Execution, root: int) -> None:
    """An agent that prepares alone, and in two of five executions makes its index anew."""
    slow = 20.0 if one.chance.random() < 0.4 else 1.0
    one.agent("writer", root, lambda one, at: one.context(at, slow * 0.2 * one.luck()))


def _now_and_then_large(one: Execution, root: int) -> None:
    """An agent that prepares alone, and has ten times as much to prepare in a third of its executions."""
    size = 10 if one.chance.random() < 0.35 else 1
    facts = {"dev_agency.context.size": int(4_000 * size * one.luck(0.1))}
    one.agent("writer", root, lambda one, at: one.context(at, size * 0.2 * one.luck()), facts=facts)


def _now_and_then_late(one: Execution, root: int) -> None:
    """What is fetched comes late in three of ten calls, on any day; no tool is here to compare it with."""

    def work(one: Execution, agent: int) -> None:
        for _ in range(2):
            far = 6.0 if one.chance.random() < 0.3 else 0.0
            one.tool("fetch", agent, 0.3 * one.luck() + far * one.luck(), **{"server.address": "far.example"})

    one.step("collect", root, lambda one, at: one.agent("reader", at, work))


def _now_and_then_answers_late(one: Execution, root: int) -> None:
    """A model's server lets one call in five wait, whatever is written."""

    def work(one: Execution, agent: int) -> None:
        for _ in range(3):
            written = int(300 * one.luck(0.8))
            far = 20.0 if one.chance.random() < 0.2 else 0.0
            facts = {"server.address": "models.example", _WRITTEN: written}
            one.model(agent, (0.004 * written + 0.2) * one.luck(0.2) + far * one.luck(), **facts)

    one.step("code", root, lambda one, at: one.agent("coder", at, work, seconds=0.5))


def _asks(servers: dict[str, float], many: bool = False) -> Story:
    """An agent that asks servers, which take so many seconds, for the same thing or each for something else."""

    def work(one: Execution, agent: int) -> None:
        for server, seconds in servers.items():
            name = f"ask_{server}" if many else "ask"
            one.tool(name, agent, seconds * one.luck(), **{"server.address": f"{server}.example"})

    return lambda one, root: one.step("collect", root, lambda one, at: one.agent("reader", at, work))


_NEAR = {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.15}

ELSEWHERE = (
    Case("network_latency", _asks({"near": 0.2, "far": 3.0}), ("far.example",)),
    Case("network_latency", _asks({**_NEAR, "far": 6.0}), ("far.example",)),
    Case("network_latency", _now_and_then_late, ("fetch",)),
    Case("network_latency", _now_and_then_answers_late, ("models.example",)),
    Case("slow_context_preparation", _two_prepare, ("writer",)),
    Case("slow_context_preparation", _now_and_then_indexes, ("writer",)),
    Case("step_order", _checked_late, ("build",)),
    Case("missing_specialist", _hands_out, ("cluster",)),
    Case("agent_sequence", _asks_too_early, ("lead", "build")),
    Case("wrong_agent", _one_is_slow, ("bob",)),
    Case("missing_specialist", _nobody_knows_law, ("legal",)),
    Case("agent_sequence", _ping_pong, ("build",)),
    Case("network_latency", _detour, ("fetch",), 3_600.0),
    Case("network_latency", _refused, ("reader",)),
    Case("memory_pressure", _killed, ("build/build",)),
    Case("retry_loop", _rounds, ("build",)),
    Case("network_latency", _bad_days, ("models.example",), 3_600.0),
    Case("memory_pressure", _killed_agent, ("coder",)),
    Case("oversized_context", _handed_too_much, ("bob",)),
    Case("oversized_context", _two_sizes, ("coder",)),
    Case("resource_contention", _share_a_database, ("build/migrate", "build/seed")),
    Case("agent_sequence", _steps_come_back, ("build",)),
    Case("agent_sequence", _lead_sends_back, ("lead",)),
    Case("missing_specialist", _nobody_ports, ("port",)),
    Case("wrong_agent", _slow_beside_who_reads_much, ("ann",)),
    Case("retry_loop", _made_again, ("build/compile",)),
    Case("regression", _slow_version_overlaps, ("coder",), 1.5),
)


def _by_complexity(one: Execution, root: int) -> None:
    """Simple tasks go to the quick one, all others to the thorough one, which takes its time with those that it gets by
    mistake."""
    by_mistake = one.chance.random() < 0.04
    quick = (one.complexity == "simple") != by_mistake
    seconds = 1.0 if quick else 4.0
    one.step("code", root, lambda one, at: one.agent("quick" if quick else "thorough", at, seconds=seconds))


def _reads_more(one: Execution, root: int) -> None:
    """Who judges all that the others wrote reads more than each of them."""
    for step, tokens in (("plan", 3_000), ("code", 4_000), ("docs", 3_500), ("judge", 13_000)):

        def work(one: Execution, agent: int, tokens: int = tokens) -> None:
            read = int(tokens * one.luck())
            one.model(agent, read * 0.0004 * one.luck(0.1) + 0.5, read)

        one.step(step, root, lambda one, at, s=step, w=work: one.agent(f"{s}ner", at, w))  # type: ignore[misc]


def _tries_once_more(one: Execution, root: int) -> None:
    """A suite that failed is run a second time, and no third one."""

    def work(one: Execution, agent: int) -> None:
        facts = {"gen_ai.tool.call.arguments": "all"}
        flaky = one.chance.random() < 0.4
        one.tool("run_suite", agent, 2.0 * one.luck(), ok=not flaky, **facts)
        if flaky:
            one.tool("run_suite", agent, 2.0 * one.luck(), **facts)

    one.step("test", root, lambda one, at: one.agent("tester", at, work))


def _heavy_tails(one: Execution, root: int) -> None:
    """Answers of a server that take long by chance, at any time."""

    def work(one: Execution, agent: int) -> None:
        for _ in range(3):
            one.tool("fetch", agent, one.luck(0.9), **{"server.address": "near.example"})

    one.step("collect", root, lambda one, at: one.agent("reader", at, work))


def _one_more_round(one: Execution, root: int) -> None:
    """A test that fails now and then, and passes once what it found was mended; and a step for each of many files."""
    fails = one.chance.random() < 0.3
    for left in range(1 + fails, 0, -1):
        one.step("code", root, lambda one, at: one.agent("coder", at))
        one.step("test", root, lambda one, at: one.tool("suite", at, one.luck()), ok=left == 1)
    for _ in range(5):
        one.step("docs", root, lambda one, at: one.tool("write", at, one.luck()), ok=one.chance.random() < 0.9)


def _now_and_then_together(one: Execution, root: int) -> None:
    """Two steps that begin together or not and take as long either way; a third one begins before both have ended."""
    together, start = one.chance.random() < 0.5, one.at
    for name in ("migrate", "seed"):
        one.at = start if together else one.at
        one.step(name, root, lambda one, at: one.tool("sql", at, 2.0 * one.luck()))
    one.at -= SECOND
    one.step("check", root, lambda one, at: one.tool("read", at, 2.0 * one.luck()))


def _checked_in_time(one: Execution, root: int) -> None:
    """What was written is checked, and often fails."""
    _checked(one, root, ["code", "docs"])


def _larger_tasks(one: Execution, root: int) -> None:
    """Tasks of two sizes that nobody tells apart: the large ones take more to read, and more to write."""
    _two_sizes(one, root, more_work=4)


def _a_team_or_one(one: Execution, root: int) -> None:
    """Tasks of a class go to one agent, or by chance to a lead who sends two others: parts of the work, no rivals."""
    facts = {"dev_agency.task.class": "ticket"}
    if one.chance.random() < 0.7:
        return one.agent("clerk", root, seconds=3.0, facts=facts)

    def send(one: Execution, lead: int) -> None:
        one.agent("reader", lead, seconds=6.0, facts=facts)
        one.agent("writer", lead, seconds=1.0, facts=facts)

    return one.agent("lead", root, send, seconds=0.5, facts=facts)


def _larger_to_prepare(one: Execution, root: int) -> None:
    """Fifteen times as much to prepare takes fifteen times as long."""
    _two_prepare(one, root, size=15)


def _twice_as_long_to_prepare(one: Execution, root: int) -> None:
    """Twice what the only other one takes may be what it needs."""
    _two_prepare(one, root, slow=0.4)


def _larger_documents(one: Execution, root: int) -> None:
    """One agent fetches whole books, the other one a page at a time."""

    def fetch(one: Execution, agent: int, seconds: float) -> None:
        one.tool("fetch", agent, seconds * one.luck(), **{"server.address": "library.example"})

    one.step("read", root, lambda one, at: one.agent("reader", at, lambda one, to: fetch(one, to, 6.0)))
    for _ in range(3):
        one.step("look", root, lambda one, at: one.agent("looker", at, lambda one, to: fetch(one, to, 0.3)))


def _writes_much(one: Execution, root: int) -> None:
    """Answers of a model that are short, or ten times as long."""

    def work(one: Execution, agent: int) -> None:
        for _ in range(3):
            written = int((3_000 if one.chance.random() < 0.3 else 200) * one.luck())
            one.model(agent, 0.01 * written * one.luck(), **{"server.address": "models.example", _WRITTEN: written})

    one.step("code", root, lambda one, at: one.agent("coder", at, work, seconds=0.5))


def _asks_unlike_servers(one: Execution, root: int) -> None:
    """Of servers that all differ the slowest is not the odd one; of four tools one takes longer, for it does more."""
    _asks({"a": 0.05, "b": 0.1, "c": 0.4, "d": 1.5})(one, root)
    _asks({"images": 6.0, "words": 0.1, "dates": 0.2, "names": 0.15}, many=True)(one, root)


SOUND = (
    _a_team_or_one,
    _asks_unlike_servers,
    _larger_documents,
    _writes_much,
    _larger_to_prepare,
    _now_and_then_large,
    _twice_as_long_to_prepare,
    _checked_in_time,
    _by_complexity,
    _reads_more,
    _tries_once_more,
    _heavy_tails,
    _one_more_round,
    _now_and_then_together,
    _larger_tasks,
)
