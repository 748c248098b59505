"""Which names are those of secrets, which of content: of attributes, options and environment variables."""

import re
from enum import Enum
from typing import Final

from tachograph import vocabulary as v
from tachograph.redaction.words import ABOUT, PLAIN_KEYS
from tachograph.semantics import dialects


class Verdict(Enum):
    """What happens to the value of an attribute."""

    OPEN = "looked through for secrets"
    SECRET = "replaced"  # noqa: S105
    CONTENT = "left out unless asked for"
    PERSON = "replaced, as it says who somebody is"
    COMMAND_LINE = "kept without the values of its arguments"


# Words of names, in lower case with one blank between them: `apiKey`, `api-key` and `API_KEY` are `api key`. Told by
# plain look-ups, for to compile patterns would cost every short program milliseconds.
_ANYWHERE: Final = (
    *(
        "password",
        "passwd",
        "passphrase",
        "passcode",
        "secret",
        "credential",
        "authorization",
        "authorisation",
        "cookie",
    ),
    *("apikey", "privatekey", "accesskey", "secretkey", "connectionstring", "connection string", "authtoken"),
    *(f"{word} key" for word in ("api", "access", "private", "account", "signing", "encryption", "master", "auth")),
    *(f"{word} key" for word in ("session", "license", "webhook", "service", "shared access")),
)
_AT_THE_END: Final = ("pwd", "token", "signature", "token value", "token secret", "token header", "webhook url")
_LAST_WORD: Final = frozenset({"pass", "auth", "dsn", "sig", "jwt", "pat", "bearer", "key"})
_BUT_SECRET: Final = ("access key id", "webhook url")
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")

_OURS: Final = frozenset(value for value in vars(v).values() if isinstance(value, str))
_OPEN_PREFIXES: Final = ("dev_agency.", "gen_ai.usage.", "gen_ai.token.", "llm.token_count.", "telemetry.")

_PERSON: Final = frozenset(
    {"process.owner", "user.name", "user.full_name", "user.email", "enduser.id", "process.user.name"}
    | {"process.real_user.name", "process.saved_user.name", "os.user"}
)
_COMMAND_LINE: Final = frozenset({"process.command_args", "process.command_line", "process.command"})
_CONTENT: Final = frozenset(
    {
        *(
            "gen_ai.input.messages",
            "gen_ai.output.messages",
            "gen_ai.system_instructions",
            "gen_ai.input",
            "gen_ai.output",
        ),
        *("gen_ai.prompt", "gen_ai.completion", "gen_ai.content", "gen_ai.event.content", "gen_ai.tool.message"),
        *("gen_ai.input.value", "gen_ai.output.value", "gen_ai.request.messages", "gen_ai.response.messages"),
        *(
            v.TOOL_ARGUMENTS,
            *dialects.ALIASES[v.TOOL_ARGUMENTS],
            "gen_ai.tool.call.result",
            "gen_ai.retrieval.query.text",
        ),
        *(
            "input.value",
            "output.value",
            "llm.prompts",
            "llm.completions",
            "llm.request.content",
            "llm.response.content",
        ),
        *("traceloop.entity.input", "traceloop.entity.output", "tool.parameters", "tool_call.function.arguments"),
        *("retrieval.documents", "reranker.query", "embedding.text", "gcp.vertex.agent.data", "ai.prompt", "ai.value"),
        *("langfuse.observation.input", "langfuse.observation.output", "langfuse.trace.input", "langfuse.trace.output"),
        *("gcp.vertex.agent.llm_request", "gcp.vertex.agent.llm_response", "gcp.vertex.agent.tool_call_args"),
        *("gcp.vertex.agent.tool_response", "ai.response.text", "ai.response.object", "ai.response.toolCalls"),
        *("ai.toolCall.args", "ai.toolCall.result", "ai.values", "all_messages", "all_messages_events", "final_result"),
        *("pydantic_ai.all_messages", "tool_arguments", "tool_response", "request_data", "response_data"),
        *("mlflow.spanInputs", "mlflow.spanOutputs"),
    }
)
_CONTENT_BELOW: Final = (
    *("gen_ai.prompt.", "gen_ai.completion.", "gen_ai.content.", "gen_ai.event.content.", "gen_ai.retrieval.documents"),
    *("llm.input_messages", "llm.output_messages", "llm.prompts.", "llm.completions.", "llm.prompt_template"),
    *(
        "retrieval.documents.",
        "reranker.input_documents",
        "reranker.output_documents",
        "embedding.embeddings.",
        "ai.prompt.",
    ),
)
_NO_CONTENT: Final = frozenset(
    {"gen_ai.prompt.name", "gen_ai.prompt.version", "gen_ai.prompt.id", "llm.prompt_template.version"}
)

_MOST: Final = 4_096  # names whose verdict is remembered; then it begins anew
verdicts: dict[str, Verdict] = {}


def verdict(name: str) -> Verdict:
    """What happens to the value of an attribute of that name; numbers are kept under any name."""
    known = verdicts.get(name)
    if known is None:
        if len(verdicts) >= _MOST:
            verdicts.clear()
        known = verdicts[name] = _judged(name)
    return known


def is_secret(name: str) -> bool:
    """Whether a value of that name is a secret whatever it looks like."""
    said = _WORDS.sub(" ", name[:256]).strip().lower()
    words = said.split(" ")
    if words[-1] in ABOUT and not said.endswith(_BUT_SECRET):
        return False
    if words[-1] == "key" and len(words) > 1 and words[-2] in PLAIN_KEYS:
        return False
    return said.endswith(_AT_THE_END) or words[-1] in _LAST_WORD or any(word in said for word in _ANYWHERE)


def _is_content(name: str) -> bool:
    return name in _CONTENT or (name.startswith(_CONTENT_BELOW) and name not in _NO_CONTENT)


def _judged(name: str) -> Verdict:
    if name in _PERSON:
        return Verdict.PERSON
    if name in _COMMAND_LINE:
        return Verdict.COMMAND_LINE
    if _is_content(name):
        return Verdict.CONTENT
    if name in _OURS or name.startswith(_OPEN_PREFIXES):
        return Verdict.OPEN
    return Verdict.SECRET if is_secret(name) else Verdict.OPEN
