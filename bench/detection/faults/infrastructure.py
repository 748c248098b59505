"""Networks and hosts that slow down what is sound."""

from detection.agency import Agency, Server, Tool
from detection.faults.injection import Choice, Injection, injection


def network_latency(choice: Choice, strength: int, form: str) -> Injection:
    """A provider that limits, one that fails, one slow address among several, or a slow mirror of the service behind
    a tool. A service that is always slow nobody can tell from one that has much to do."""
    if form == "slow_tool":
        return _slow_tool(choice, strength)
    agency = choice.agency
    model = choice.draw.choice(sorted(agency.models))
    users = [each.name for each in agency.agents.values() if each.model == model]
    hosts = agency.models[model].servers[: 1 if form == "slow_server" else None]

    def prepare(agency: Agency) -> None:
        if form == "slow_server" and len(agency.models[model].servers) == 1:
            added = "api-4.replica.example"
            agency.models[model].servers.append(added)
            agency.servers[added] = Server(added, limited=0.008, failing=0.004)

    def harm(agency: Agency) -> None:
        share = (0.08, 0.15, 0.25, 0.35, 0.5)[strength - 1]
        for server in (agency.servers[host] for host in hosts):
            if form == "limited":
                server.limited = share
            elif form == "failing":
                server.failing = share
            else:
                server.extra_seconds = (0.7, 1.4, 2.5, 4.5, 8.0)[strength - 1]

    return injection("network_latency", form, strength, {model, *users, *hosts}, harm, prepare)


def _slow_tool(choice: Choice, strength: int) -> Injection:
    tool, host = "fetch_docs", "mirror.docs.example"
    classes = [each for each, tools in choice.agency.used.items() if tool in tools]
    agents = [agent for each in classes for agent in choice.agency.pools[each]]
    seconds = (0.5, 1.0, 2.0, 4.0, 8.0)[strength - 1]

    def prepare(agency: Agency) -> None:
        agency.servers[host], agency.tools[tool].mirror = Server(host), host

    def harm(agency: Agency) -> None:
        agency.servers[host].extra_seconds = seconds

    return injection("network_latency", "slow_tool", strength, {tool, host, *classes, *agents}, harm, prepare)


def cpu_pressure(choice: Choice, strength: int, form: str) -> Injection:
    """Work on a pressed processor, or on one whose time is given to others."""
    return _pressed(choice, strength, form, "cpu_pressure", "steal" if form == "steal" else "cpu")


def memory_pressure(choice: Choice, strength: int, form: str) -> Injection:
    """Work that is slowed in proportion, or that thrashes beyond a point."""
    return _pressed(choice, strength, form, "memory_pressure", "memory")


def _pressed(choice: Choice, strength: int, form: str, cause: str, kind: str) -> Injection:
    recipes = [choice.recipe(), choice.recipe()]
    tool = choice.draw.choice(("compile_all", "index_repo", "simulate_load"))
    places = {each: choice.agency.recipes[each].steps[1].name for each in recipes}

    def prepare(agency: Agency) -> None:
        agency.tools[tool] = Tool(tool, 14.0)
        agency.pressure[kind] = 0.3
        for recipe, step in places.items():
            agency.recipes[recipe].step(step).tool = tool

    def harm(agency: Agency) -> None:
        one = agency.tools[tool]
        one.pressed_by, one.sensitivity = kind, (0.6, 1.2, 2.0, 3.5, 6.0)[strength - 1]
        if form == "thrash":
            one.knee, one.sensitivity = 0.5, one.sensitivity * 1.8

    pairs = [name for recipe, step in places.items() for name in (step, f"{recipe}/{step}", recipe)]
    classes = [choice.agency.recipes[recipe].step(step).task_class for recipe, step in places.items()]
    agents = [agent for each in classes for agent in choice.agency.pools[each]]
    return injection(cause, form, strength, {tool, *pairs, *agents}, harm, prepare)
