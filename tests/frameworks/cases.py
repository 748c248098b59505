"""Which frameworks are tested in which versions, by which programs, and beside whose instrumentation."""

from dataclasses import dataclass

from environments import Environment


@dataclass(frozen=True)
class Case:
    """A framework in one version. `others` are arguments by which its program switches instrumentations on that are not
    ours; `renames` is a package, a name in it that another version
    may spell otherwise, how, and the role of the units that hang on it; `tells_cache` how often
    it hands over what came from a cache: always, never, or not of streams."""

    framework: str
    version: str
    packages: tuple[str, ...]
    program: str
    others: tuple[str, ...] = ()
    streams: bool = True
    renames: tuple[str, str, str, str] | None = None
    tells_cache: str = "always"

    @property
    def environment(self) -> Environment:
        return Environment(self.framework, self.version, self.packages)

    def __str__(self) -> str:
        return f"{self.framework}-{self.version}"


_OTHERS = ("openinference", "openllmetry")  # whose instrumentors are called alike


def _pydantic_ai(version: str) -> Case:
    return Case(
        "pydantic-ai",
        version,
        (f"pydantic-ai-slim[openai]=={version}",),
        "pydantic_ai_desk",
        others=("own",),
        renames=("pydantic_ai", "call_tool", "call_the_tool", "tool"),
    )


def _openai_agents(version: str, *more: str) -> Case:
    others = ("openinference-instrumentation-openai-agents", "opentelemetry-instrumentation-openai-agents")
    packages = (f"openai-agents=={version}", *more, *others)
    return Case("openai-agents", version, packages, "openai_agents_desk", others=_OTHERS)


def _langgraph(version: str, *langchain: str) -> Case:
    others = ("openinference-instrumentation-langchain", "opentelemetry-instrumentation-langchain")
    packages = (f"langgraph=={version}", *langchain, "langchain-openai", *others)
    return Case(
        "langgraph",
        version,
        packages,
        "langgraph_desk",
        _OTHERS,
        renames=("langgraph", "run_with_retry", "run_task", "step"),
    )


def _crewai(version: str) -> Case:
    others = ("openinference-instrumentation-crewai", "opentelemetry-instrumentation-crewai")
    return Case("crewai", version, (f"crewai=={version}", *others), "crewai_desk", others=_OTHERS)


def _smolagents(version: str) -> Case:
    packages = (f"smolagents[openai]=={version}", "openinference-instrumentation-smolagents")
    return Case(
        "smolagents", version, packages, "smolagents_desk", others=("openinference",), tells_cache="not of streams"
    )


def _llama_index(version: str, workflows: str) -> Case:
    others = ("openinference-instrumentation-llama-index", "opentelemetry-instrumentation-llamaindex")
    packages = (
        f"llama-index-core=={version}",
        f"llama-index-workflows=={workflows}",
        "llama-index-llms-openai-like",
        *others,
    )
    return Case("llama-index", version, packages, "llama_index_desk", others=_OTHERS)


def _autogen(version: str) -> Case:
    packages = (f"autogen-agentchat=={version}", f"autogen-ext[openai]=={version}")
    return Case("autogen", version, packages, "autogen_desk", tells_cache="never")


def _mcp(version: str) -> Case:
    return Case("mcp", version, (f"mcp=={version}",), "mcp_desk", streams=False)


NEWEST = (
    _pydantic_ai("2.68.0"),
    _openai_agents("0.24.0"),
    _langgraph("1.2.22", "langchain"),
    _crewai("1.15.30"),
    _smolagents("1.26.0"),
    _llama_index("0.14.25", "2.26.1"),
    _autogen("0.7.5"),
    _mcp("2.3.0"),
)
OLDER = (
    _pydantic_ai("1.107.10"),
    _openai_agents("0.6.9", "openai<2.10"),
    _langgraph("0.6.11"),
    _crewai("1.15.22"),
    _smolagents("1.21.3"),
    _llama_index("0.14.20", "2.18.0"),
    _autogen("0.7.1"),
    _mcp("1.23.3"),
)
CASES = NEWEST + OLDER
