"""Masked error messages grouped to patterns: a tree like Drain's (He et al. 2017), then positions that vary.

Messages are routed by their number of words and their leading word to leaves, and join the most similar pattern of
their leaf. What the tree kept apart and differs at one position only, with many values there, is a pattern too.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from tachograph.semantics.messages import WILDCARD

Words = tuple[str, ...]

# The share of words that must be the same. A higher one than Drain's 0.4 to 0.5, for messages come masked: where
# one word in five still differs, as in "connection refused by host" and "connection reset by host", it is the error.
_SIMILAR: Final = 0.81
# From so many values at one position on it is a variable, however short the message.
_VALUES: Final = 4
# So many patterns of a leaf are compared with; a message that finds none of them then stands for itself.
_LEAF: Final = 200
# The rest of a longer message stays as it is with its last word.
_WORDS: Final = 48


def group(messages: Mapping[str, int]) -> dict[str, str]:
    """The pattern of each message, given how often it occurs; commoner messages come first and shape the patterns.

    The order in which messages are given does not matter.
    """
    split = {message: _words(message) for message in sorted(messages, key=lambda text: (-messages[text], text))}
    shaped = _Tree().patterns(split.values())
    merged = _merged(set(shaped.values()))
    return {message: " ".join(merged[shaped[words]]) for message, words in split.items()}


def _words(message: str) -> Words:
    return tuple(message.split(" ", _WORDS - 1))


class _Tree:
    """Patterns by number of words and leading word; one that varies leads under the wildcard."""

    def __init__(self) -> None:
        self._leaves: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
        self._patterns: list[Words] = []

    def patterns(self, messages: Iterable[Words]) -> dict[Words, Words]:
        """The pattern that each message ended up in, once all of them have shaped it."""
        found = {words: self._add(words) for words in messages}
        return {words: self._patterns[number] for words, number in found.items()}

    def _add(self, words: Words) -> int:
        leaf = self._leaves[len(words), WILDCARD if _varies(words[0]) else words[0]]
        best = max(leaf, key=lambda number: _similarity(self._patterns[number], words), default=None)
        if best is not None and _similarity(self._patterns[best], words) >= _SIMILAR:
            self._patterns[best] = _common(self._patterns[best], words)
            return best
        self._patterns.append(words)
        number = len(self._patterns) - 1
        if len(leaf) < _LEAF:
            leaf.append(number)
        return number


def _similarity(pattern: Words, words: Words) -> float:
    """The share of words that agree; 0 where a code differs or nothing but variables is left."""
    agreeing = fixed = 0
    for a, b in zip(pattern, words, strict=True):
        if a != b and (_is_code(a) or _is_code(b)):
            return 0.0
        agreeing += a == b or (_varies(a) and _varies(b))
        fixed += a == b and not _varies(a)
    return agreeing / len(words) if fixed else float(pattern == words)


def _is_code(word: str) -> bool:
    """A number that masking has kept tells kinds of errors apart."""
    return word.strip(".,:;()[]-").isdigit()


def _varies(word: str) -> bool:
    """A wildcard, or a word as programs make them: total_hours, app.models, fix-bug, NaN; a plain word does not."""
    bare = word.strip(".,:;()[]\"'")
    if WILDCARD in word or word.endswith((":", "Error", "Exception")):  # what stands before a colon says what it is
        return WILDCARD in word
    return any(mark in bare for mark in "_-./") or not (bare.islower() or bare.istitle() or bare.isupper() or not bare)


def _common(pattern: Words, words: Words) -> Words:
    return tuple(a if a == b else WILDCARD for a, b in zip(pattern, words, strict=True))


def _merged(patterns: set[Words]) -> dict[Words, Words]:
    """Patterns that are alike but for one position with many values there become one."""
    result = {pattern: pattern for pattern in patterns}
    for alike in _alike(patterns):
        for pattern in alike:
            if result[pattern] == pattern:
                result[pattern] = next(iter(alike.values()))
    return result


def _alike(patterns: set[Words]) -> Iterator[dict[Words, Words]]:
    """Sets of patterns with the one that they become, the largest first."""
    sets: defaultdict[Words, list[Words]] = defaultdict(list)
    for pattern in sorted(patterns):
        for position, word in enumerate(pattern):
            if not _is_code(word) and len(pattern) > 2:
                sets[*pattern[:position], WILDCARD, *pattern[position + 1 :]].append(pattern)
    large = [(shape, members) for shape, members in sets.items() if len(members) >= _VALUES]
    for shape, members in sorted(large, key=lambda item: (-len(item[1]), item[0])):
        yield dict.fromkeys(members, shape)
