"""A tiny language model: word trigrams with back-off, trained on the prose of a code base."""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TOKEN = re.compile(r" ?[^\W\d_]+| ?\d+| ?[^\w\s]|_|\s+")

Continuations = dict[tuple[str, ...], Counter[str]]


class ContextWindowExceeded(Exception):
    """The prompt has more tokens than the model can take."""


@dataclass(frozen=True)
class Completion:
    """The answer of the model and what it cost."""

    text: str
    model: str
    input_tokens: int
    output_tokens: int
    finish_reason: str


def tokenize(text: str) -> list[str]:
    """Split a text into words, numbers, signs and space; a word keeps the blank before it."""
    return TOKEN.findall(text)


class LocalModel:
    """Continues a prompt with the likeliest words; the same prompt always gives the same answer."""

    name = "local-trigram-1"

    def __init__(self, prose: str, window: int = 2048) -> None:
        self.window = window
        self._continuations: Continuations = defaultdict(Counter)
        for line in prose.splitlines():
            self._learn(tokenize(line))

    def complete(self, prompt: str, max_tokens: int = 64) -> Completion:
        """Continue the prompt up to the end of the sentence, or until there is nothing to say."""
        given = tokenize(prompt)
        if len(given) > self.window:
            raise ContextWindowExceeded(f"{len(given)} tokens do not fit into {self.window}")
        written = self._continue(given, max_tokens)
        reason = "length" if len(written) == max_tokens and written[-1:] != ["."] else "stop"
        return Completion("".join(written), self.name, len(given), len(written), reason)

    def _learn(self, tokens: list[str]) -> None:
        keys = [_key(token) for token in tokens]
        for index in range(1, len(tokens)):
            self._continuations[(keys[index - 1],)][tokens[index]] += 1
            if index > 1:
                self._continuations[(keys[index - 2], keys[index - 1])][tokens[index]] += 1

    def _continue(self, given: list[str], max_tokens: int) -> list[str]:
        topic = set(given)
        written: list[str] = []
        while len(written) < max_tokens and written[-1:] != ["."]:
            recent = [_key(token) for token in [*given[-2:], *written][-2:]]
            token = self._next(recent, topic, written)
            if token is None:
                break
            written.append(token)
        return written

    def _next(self, recent: list[str], topic: set[str], written: list[str]) -> str | None:
        """Pick the likeliest token after two words, or else after one; topic words weigh double."""
        for known in (tuple(recent), tuple(recent[-1:])):
            counts = self._continuations.get(known, Counter())
            # Longer words are said once: a greedy model runs in circles otherwise.
            fresh = [token for token in counts if token not in written or len(token.strip()) < 4]
            if fresh:
                return max(fresh, key=lambda token: (counts[token] * (1 + (token in topic)), token))
        return None


def read_prose(root: Path) -> str:
    """Return the docstrings and the readme of a code base, one paragraph per line."""
    paragraphs = (root / "README.md").read_text(encoding="utf-8").split("\n\n")
    for path in sorted(root.rglob("*.py")):
        paragraphs.extend(_docstrings(path))
    return "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _docstrings(path: Path) -> Iterator[str]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, documented) and (text := ast.get_docstring(node)):
            yield text


def _key(token: str) -> str:
    return token.strip().lower()
