"""Error messages without what differs from case to case: ids, paths, numbers, times, whatever stands in quotes."""

import re
from typing import Final

WILDCARD: Final = "<*>"

# Longer messages are dumps; their beginning says what they are.
_LONGEST: Final = 1_000

# Tried in this order at each position, so that what is longer or surer stands first.
_PARTS: Final = (
    # Codes that say what kind of error it is are kept, and whole type names with a digit in them.
    r"(?P<kept>(?i:\b(?:HTTP(?:/\d(?:\.\d)?)?|status(?:[ _]code)?|(?:error|exit|return)[ _](?:code|status)|code|errno"
    r"|exited with|signal)[\s:=]{1,3}-?\d{1,3}\b(?!\.?\d))|\b[A-Z]\w*(?:Error|Exception|Timeout|Warning)\b)",
    r"(?<!\w)'[^'\n]*'(?!\w)|\"[^\"\n]*\"|`[^`\n]*`|\u201c[^\u201d]*\u201d|\u2018[^\u2019]*\u2019",
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?(?:Z|\s?[+-]\d\d:?\d\d)?",
    r"\b\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?\b",
    r"\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s,;)\]}>]+",
    r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+",
    r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b",
    r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b",
    r"(?<![\w<])(?:[A-Za-z]:(?=[\\/])|~|\.{1,2}(?=[\\/]))?(?:[\\/][\w.@+-]+){1,}[\\/]?(?::\d+)*",
    r"(?<![\w.-])[\w.-]+(?:/[\w.-]+)*/[\w-]+\.\w{1,5}(?::\d+)*\b",
    r"(?<![\w-])[\w-]+\.(?:py|js|ts|tsx|go|rs|c|h|java|rb|sh|md|txt|log|csv|json|ya?ml|toml|xml|html|sql|db|lock)(?::\d+)*\b",
    r"(?<![\w.-])[\w.-]+:\d{2,5}\b(?!:)",  # host:port
    r"(?<==)[^\s,;)\]}]+",
    r"\b0[xX][0-9a-fA-F]+\b",
    r"(?<![\w<])[-+]?\d[\d,_]*(?:\.\d+)*(?:e[-+]?\d+)?(?:\s?(?:%|[kKMGT]i?B|ms|µs|us|ns|min|[smhd])(?!\w))?(?![\w])",
    r"(?<![\w.-])(?=[\w.-]*\d)\w+(?:[.-]\w+)*\b",
)
_VARIABLE: Final = re.compile("|".join(_PARTS))
_BRACED: Final = re.compile(r"\{[^{}]*\}|\[[^\[\]]*,[^\[\]]*\]|\((?:\s*<\*>\s*,?)+\)")
_LIST: Final = re.compile(r"<\*>(?:(?:,|\s+and|\s+or)?\s*<\*>)+")


def mask(message: str) -> str:
    """The message on one line with `<*>` for each variable part: `user <*> not found in <*>`.

    Status, exit and error codes stay: 429 and 500 are different errors. Masking again changes nothing.
    """
    text = " ".join(message[:_LONGEST].split())
    text = _VARIABLE.sub(lambda found: found["kept"] or WILDCARD, text)
    before = ""
    while before != text:
        before, text = text, _BRACED.sub(WILDCARD, text)
    return _LIST.sub(WILDCARD, text)
