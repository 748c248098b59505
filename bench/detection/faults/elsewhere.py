"""What is found by when or where it happens: bad releases, errors that concentrate."""

from detection.agency import Agency, Release
from detection.faults.injection import Choice, Injection, injection


def release(choice: Choice, strength: int, form: str) -> Injection:
    """A version of an agent or a model, rolled out within five days, that is slower or fails more; or one of an agent
    of which nobody says that it is another."""
    agent = choice.agent()
    model = choice.agency.agents[agent].model
    called, kind = (model, "model") if form == "model_slow" else (agent, "agent")
    day = choice.draw.uniform(8, 16)
    made = Release(
        kind,
        called,
        f"{called}-0901" if kind == "model" else "2.0.0",
        f"{called}-1015" if kind == "model" else "2.0.0" if form.startswith("untold") else "2.1.0",
        day,
        day + 5,
    )

    def put(agency: Agency, bad: bool) -> None:
        new = Release(kind, called, made.old, made.new, made.first_day, made.last_day)
        if bad and form in ("fails", "untold_fails"):
            new.skill = -(1.0, 1.6, 2.2, 2.9, 3.7)[strength - 1]
        elif bad and form == "creep":
            new.dump_tokens = (20_000, 35_000, 60_000, 90_000, 140_000)[strength - 1]
        elif bad:
            new.pace = (1.15, 1.35, 1.6, 2.0, 2.8)[strength - 1]
        agency.releases = [each for each in agency.releases if (each.kind, each.name) != (kind, called)] + [new]

    # Not its steps: these do as well with the old one.
    names = {called} if made.new == made.old else {called, made.new, f"{called}@{made.new}"}
    return injection(
        "release", form, strength, names, lambda agency: put(agency, True), lambda agency: put(agency, False)
    )


def error_pattern(choice: Choice, strength: int, form: str) -> Injection:
    """One error that concentrates: in an agent, in its hard tasks, or in what it does for one recipe."""
    recipe = choice.recipe()
    step = choice.agency.recipes[recipe].steps[1]
    agent = next(iter(choice.agency.pools[step.task_class]))
    tool = choice.agency.used[step.task_class][0]
    message = choice.draw.choice(
        (
            "permission denied: cache/part-{number}",
            "lock file of process {number} is in the way",
            "connection reset by peer ({number})",
        )
    )

    def harm(agency: Agency) -> None:
        share = (0.06, 0.11, 0.18, 0.28, 0.42)[strength - 1]
        told: dict[str, object] = {"tool": tool, "share": share, "message": message}
        if form != "agent":
            told["share"] = min(share * 2, 0.7)
            told.update({"complexity": 2} if form == "complex" else {"recipe": recipe})
        agency.agents[agent].breaks = told

    names = {agent, tool}
    names |= {recipe, f"{recipe}/{step.name}"} if form == "recipe" else {"complex"} if form == "complex" else set()
    return injection("error_pattern", form, strength, names, harm)
