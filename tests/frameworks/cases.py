"""Which frameworks are tested in which versions, by which programs, and beside whose instrumentation."""

from dataclasses import dataclass

from environments import Environment


@dataclass(frozen=True)
class Case:
    """A framework in one version. `others` are arguments by which its program switches instrumentations on that are not
    ours; `renames` words of its sources that another version may spell otherwise."""

    framework: str
    version: str
    packages: tuple[str, ...]
    program: str
    others: tuple[str, ...] = ()
    streams: bool = True
    renames: tuple[str, str, str] | None = None

    @property
    def environment(self) -> Environment:
        return Environment(self.framework, self.version, self.packages)

    def __str__(self) -> str:
        return f"{self.framework}-{self.version}"


def _pydantic_ai(version: str) -> Case:
    return Case(
        "pydantic-ai",
        version,
        (f"pydantic-ai-slim[openai]=={version}",),
        "pydantic_ai_desk",
        others=("own",),
        renames=("pydantic_ai", "call_tool", "call_the_tool"),
    )


CASES = (_pydantic_ai("2.68.0"),)
