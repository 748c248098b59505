"""Graded damage to real code, of one kind at a time: what an assessment of it should notice, and nothing else.

A damage is a function from a package's sources and a level to the edits; a higher level makes all edits of a lower one.
Edits replace text in place, so that what is not damaged stays as it was written.
"""

import ast
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

LEVELS = (1, 2, 3, 4)
SHARES = {0: 0.0, 1: 0.08, 2: 0.2, 3: 0.45, 4: 1.0}  # of the places that are damaged at most
MOST = 40  # places: what is damaged all over scores nothing, and could not be told from what is damaged more

Function = ast.FunctionDef | ast.AsyncFunctionDef
Sources = Mapping[str, str]
NOTHING: Sources = {}


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Text that takes the place of what stands between two offsets, in bytes, of a file."""

    file: str
    start: int
    end: int
    text: str


Site = tuple[Edit, ...]  # edits that belong together
Kind = Callable[[Sources, int], Sequence[Site]]


def applied(sources: Sources, sites: Sequence[Site]) -> dict[str, str]:
    """The sources with all edits of the sites; of sites that overlap the first in the list is made."""
    edits = _without_overlaps(sites)
    changed = {}
    for file, source in sources.items():
        data = source.encode()
        mine = [edit for edit in edits if edit.file == file]
        for edit in sorted(mine, key=lambda edit: (edit.start, edit.end), reverse=True):
            data = data[: edit.start] + edit.text.encode() + data[edit.end :]
        changed[file] = data.decode()
    return changed


def _without_overlaps(sites: Sequence[Site]) -> list[Edit]:
    kept: dict[str, list[Edit]] = {}
    for site in sites:
        if not any(_overlap(edit, other) for edit in site for other in kept.get(edit.file, ())):
            for edit in site:
                kept.setdefault(edit.file, []).append(edit)
    return [edit for edits in kept.values() for edit in edits]


def _overlap(one: Edit, other: Edit) -> bool:
    return one.start < other.end and other.start < one.end


class File:
    """A parsed file, with the offsets of its nodes."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.data = source.encode()
        self.tree = ast.parse(source)
        self.lines = [0]
        for line in self.data.splitlines(keepends=True):
            self.lines.append(self.lines[-1] + len(line))

    def replaced(self, node: ast.AST, text: str) -> Edit:
        """An edit in place of a node."""
        return Edit(self.name, *self.span(node), text)

    def span(self, node: ast.AST) -> tuple[int, int]:
        return (
            self.lines[node.lineno - 1] + node.col_offset,
            self.lines[node.end_lineno - 1] + node.end_col_offset,
        )

    def text(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.data[start:end].decode()

    def line_start(self, node: ast.AST) -> int:
        return self.lines[node.lineno - 1]

    def functions(self) -> Iterator[Function]:
        """Functions and methods with a body of their own lines."""
        for node in ast.walk(self.tree):
            if isinstance(node, Function) and node.body[0].lineno > node.lineno:
                yield node


def parsed(sources: Sources) -> list[File]:
    return [File(name, source) for name, source in sorted(sources.items())]


def chosen(sites: Sequence[Site], level: int, seed: str) -> list[Site]:
    """A level's share of all sites, and at least as many as the level, in an order of their own."""
    shuffled = sorted(sites)
    random.Random(seed).shuffle(shuffled)  # the same for all levels, so that each holds the one below
    count = max(level, round(SHARES[level] * min(MOST, len(shuffled)))) if level else 0
    return shuffled[:count]


# --- bugs ---

_OPPOSITE = {
    ast.Lt: ">=", ast.GtE: "<", ast.Gt: "<=", ast.LtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.Is: "is not",
    ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
_OTHER = {ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.FloorDiv: "*", ast.Mod: "*"}


def bugs(sources: Sources, level: int) -> list[Site]:
    """Mutations of conditions and arithmetic inside functions that importing the package does not run."""
    files = parsed(sources)
    early = {name for file in files for node in _run_by_import(file.tree) if (name := _named(node))}
    sites = [
        (edit,)
        for file in files
        for function in file.functions()
        if function.name not in early and not function.name.startswith("__")
        for node in ast.walk(function)
        if (edit := _mutation(file, node)) is not None
    ]
    return chosen(sites, level, "bugs")


def _run_by_import(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that are evaluated when a module is imported: all but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            for decorator in child.decorator_list:
                yield from ast.walk(decorator)
        elif not isinstance(child, ast.Lambda):
            yield child
            yield from _run_by_import(child)


def _mutation(file: File, node: ast.AST) -> Edit | None:
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _OPPOSITE:
        left, right = file.text(node.left), file.text(node.comparators[0])
        return file.replaced(node, f"({left} {_OPPOSITE[type(node.ops[0])]} {right})")
    if isinstance(node, ast.BinOp) and type(node.op) in _OTHER:
        return file.replaced(node, f"({file.text(node.left)} {_OTHER[type(node.op)]} {file.text(node.right)})")
    if isinstance(node, ast.If | ast.IfExp) and isinstance(node.test, ast.Name | ast.Call | ast.Attribute):
        return file.replaced(node.test, f"(not {file.text(node.test)})")
    return None


# --- dropped functions and docs ---


def dropped(sources: Sources, level: int, tests: Sources = NOTHING) -> list[Site]:
    """Public functions and methods that nothing else in the package uses go, and docstrings of others. Those that the
    tests call stay: without them they would fail, which is damage of another kind."""
    files = parsed(sources)
    used = {name for file in (*files, *parsed(tests)) for node in ast.walk(file.tree) if (name := _named(node))}
    used |= {alias.name for file in parsed(tests) for node in ast.walk(file.tree)
             if isinstance(node, ast.ImportFrom) for alias in node.names}  # fmt: skip
    going = [
        (file, node) for file in files for node in _public(file) if node.name not in used and not node.decorator_list
    ]
    gone = {node.name for _, node in going}
    docs = [
        (_undocumented(file, node),)
        for file in files
        for node in _public(file)
        if ast.get_docstring(node) and node.name not in gone and node.body[0].lineno > node.lineno
    ]
    sites = [tuple(_removal(file, node, files)) for file, node in going]
    return [*chosen(sites, level, "dropped"), *chosen(docs, level, "docs")]


def _named(node: ast.AST) -> str | None:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def _public(file: File) -> Iterator[Function]:
    """Public functions, and public methods of public classes that have more than this one member."""
    classes = [each for each in file.tree.body if isinstance(each, ast.ClassDef) and not each.name.startswith("_")]
    for owner in (
        file.tree,
        *(each for each in classes if not isinstance(each.body[-1], Function) or len(each.body) > 4),
    ):
        for node in owner.body:
            if isinstance(node, Function) and not node.name.startswith("_") and node is not owner.body[0]:
                yield node


def _removal(file: File, node: Function, files: Sequence[File]) -> Iterator[Edit]:
    yield Edit(file.name, file.line_start(node), file.lines[node.end_lineno], "")
    for other in files:
        for each in ast.walk(other.tree):
            if isinstance(each, ast.ImportFrom) and any(alias.name == node.name for alias in each.names):
                yield from _unimported(other, each, node.name)
            elif isinstance(each, ast.Constant) and each.value == node.name and _is_exported(other, each):
                start, end = other.span(each)
                yield Edit(other.name, start, _past_comma(other.data, end), "")


def _unimported(file: File, node: ast.ImportFrom, name: str) -> Iterator[Edit]:
    if len(node.names) == 1:
        yield file.replaced(node, "pass")
        return
    alias = next(alias for alias in node.names if alias.name == name)
    start, end = file.span(alias)
    if alias is node.names[-1]:
        start = file.span(node.names[-2])[1]
        yield Edit(file.name, start, end, "")
    else:
        yield Edit(file.name, start, file.span(node.names[node.names.index(alias) + 1])[0], "")


def _is_exported(file: File, node: ast.Constant) -> bool:
    lists = [
        each.value
        for each in file.tree.body
        if isinstance(each, ast.Assign | ast.AugAssign | ast.AnnAssign)
        and "__all__" in file.text(each).partition("=")[0]
    ]
    return any(node in ast.walk(value) for value in lists if value is not None)


def _past_comma(data: bytes, offset: int) -> int:
    found = re.compile(rb"\s*,").match(data, offset)
    return found.end() if found else offset


def _undocumented(file: File, node: Function) -> Edit:
    docstring = node.body[0]
    if len(node.body) == 1:
        return file.replaced(docstring, "pass")
    return Edit(file.name, file.line_start(docstring), file.line_start(node.body[1]), "")


# --- lint and structure ---


def untidy(sources: Sources, level: int) -> list[Site]:
    """Bad names, comparisons with None, bare excepts, needless nesting and imports that nothing uses."""
    sites: list[Site] = []
    for file in parsed(sources):
        sites.append((_unused_import(file),))
        for function in file.functions():
            sites += [(edit,) for node in ast.walk(function) if (edit := _untidied(file, node)) is not None]
            sites += _renamed(file, function)
    return chosen(sites, level, "untidy")


def _unused_import(file: File) -> Edit:
    after = next((node for node in file.tree.body if not _must_come_first(node)), None)
    place = file.line_start(_with_decorators(after)) if after else len(file.data)
    return Edit(file.name, place, place, "import colorsys, wave\n")


def _with_decorators(node: ast.stmt) -> ast.AST:
    return min([node, *getattr(node, "decorator_list", [])], key=lambda each: each.lineno)


def _must_come_first(node: ast.stmt) -> bool:
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or (isinstance(node, ast.ImportFrom) and node.module == "__future__")


def _untidied(file: File, node: ast.AST) -> Edit | None:
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and _is_none(node.comparators[0]):
        sign = {ast.Is: "==", ast.IsNot: "!="}.get(type(node.ops[0]))
        return file.replaced(node, f"{file.text(node.left)} {sign} None") if sign else None
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.NotIn | ast.IsNot) and len(node.ops) == 1:
        sign = "in" if isinstance(node.ops[0], ast.NotIn) else "is"
        return file.replaced(node, f"(not {file.text(node.left)} {sign} {file.text(node.comparators[0])})")
    if isinstance(node, ast.Try) and node.handlers:
        last = node.handlers[-1]  # what catches everything may stand nowhere else
        if last.type is not None and last.name is None:
            return Edit(file.name, file.span(last)[0], file.span(last.type)[1], "except")
    return None


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _renamed(file: File, function: Function) -> list[Site]:
    """Local variables in a spelling that is kept for classes."""
    simple = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    assigned = {node.id for node in simple if isinstance(node.ctx, ast.Store)}
    taken = {argument.arg for argument in ast.walk(function) if isinstance(argument, ast.arg)}
    nested = any(
        isinstance(node, Function | ast.Lambda | ast.ClassDef) and node is not function for node in ast.walk(function)
    )
    shared = {name for node in ast.walk(function) if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    if (
        nested
        or "locals()" in file.text(function)
        or any(isinstance(node, ast.JoinedStr) for node in ast.walk(function))
    ):
        return []  # names may be meant that are not found as names
    return [
        tuple(file.replaced(node, f"{name.title().replace('_', '')}Value") for node in simple if node.id == name)
        for name in sorted(assigned - taken - shared)
        if not name.startswith("_") and name.islower()
    ]


# --- slowed loops ---

ROUNDS = {0: 0, 1: 20, 2: 80, 3: 320, 4: 1280}


def slowed(sources: Sources, level: int) -> list[Site]:
    """Functions with a loop go round for nothing first, and more often the higher the level."""
    functions = [(file, node) for file in parsed(sources) for node in file.functions() if not _is_overload(node)]
    looping = [(file, node) for file, node in functions if any(_loops(each) for each in ast.walk(node))]
    if not level:
        return []
    return [(_slowed(file, node, ROUNDS[level]),) for file, node in looping or functions]


def _is_overload(node: Function) -> bool:
    return any("overload" in ast.dump(decorator) for decorator in node.decorator_list)


def _loops(node: ast.AST) -> bool:
    return isinstance(node, ast.For | ast.While | ast.comprehension | ast.AsyncFor)


def _slowed(file: File, function: Function, rounds: int) -> Edit:
    body = function.body[1:] if ast.get_docstring(function, clean=False) and len(function.body) > 1 else function.body
    first = _with_decorators(body[0])
    margin = " " * first.col_offset
    place = file.line_start(first)
    return Edit(file.name, place, place, f"{margin}for _ in range({rounds}):\n{margin}    pass\n")


# --- a change that does no harm ---


def harmless(sources: Sources) -> list[Site]:
    """A comment above each function: what an undamaged change is, so that there is one to compare with."""
    return [
        (Edit(file.name, place, place, f"{' ' * first.col_offset}# Seen.\n"),)
        for file in parsed(sources)
        for function in file.functions()
        for first in (_with_decorators(function),)
        for place in (file.line_start(first),)
    ]


KINDS: Mapping[str, tuple[str, Kind]] = {
    "bugs": ("correctness", bugs),
    "dropped": ("completeness", dropped),
    "untidy": ("code_quality", untidy),
    "slowed": ("efficiency", slowed),
}


def places(kind: str, sources: Sources, level: int, tests: Sources = NOTHING) -> Sequence[Site]:
    """What is damaged of a package with these tests."""
    make = KINDS[kind][1]
    return dropped(sources, level, tests) if make is dropped else make(sources, level)


def damaged(sources: Sources, kind: str, level: int, tests: Sources = NOTHING) -> dict[str, str]:
    """The sources with the harmless change and, from level 1 on, damage; SyntaxError where they do not compile."""
    changed = applied(sources, [*places(kind, sources, level, tests), *harmless(sources)])
    for name, source in changed.items():
        compile(source, name, "exec", dont_inherit=True)
    return changed
