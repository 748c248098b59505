"""What files are by their paths: tests, code that others may use, or neither."""

import keyword
import re
from pathlib import PurePosixPath

# Of paths relative to the project; given to the probe as it stands.
TESTS = r"(^|/)(tests?|spec)/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$"
_TESTS = re.compile(TESTS)
_NO_MODULES = frozenset({"setup", "__main__", "noxfile", "tasks", "conf"})
_ROOTS = ("src", "lib")


def is_python(path: str) -> bool:
    return path.endswith((".py", ".pyi"))


def is_test(path: str) -> bool:
    return bool(_TESTS.search(path))


def is_code(path: str) -> bool:
    """Whether a file is Python that is no test."""
    return is_python(path) and not is_test(path)


def is_public(path: str) -> bool:
    """Whether others may import this file: code outside of documentation, examples and scripts."""
    parts = PurePosixPath(path).with_suffix("").parts
    outside = {"docs", "doc", "examples", "example", "benchmarks", "bench", "scripts", "tools"}
    return is_code(path) and not outside & set(parts[:-1]) and parts[-1] not in _NO_MODULES


def module(path: str) -> str | None:
    """The dotted name that a file is imported by, None where it has none."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    if parts[0] in _ROOTS:
        parts = parts[1:]
    if parts and parts[-1] == "__init__":
        parts.pop()
    fine = parts and all(part.isidentifier() and not keyword.iskeyword(part) for part in parts)
    return ".".join(parts) if fine else None
