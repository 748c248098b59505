"""Repairs of Python source that ruff leaves to people, as edits at exact places of the syntax tree."""

import ast
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import NamedTuple

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Edit(NamedTuple):
    """A replacement of the bytes from start to end."""

    start: int
    end: int
    text: str


class Source:
    """Python source with its syntax tree, and the byte offset of every node."""

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self.tree = ast.parse(text)
        self._lines = [0, *accumulate(len(line) for line in self.data.splitlines(keepends=True))]

    def start(self, node: ast.expr | ast.stmt) -> int:
        return self._lines[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt) -> int:
        return self._lines[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)

    def line_start(self, line: int) -> int:
        return self._lines[line - 1]

    def text(self, node: ast.expr) -> str:
        return self.data[self.start(node) : self.end(node)].decode()

    def edited(self, edits: list[Edit]) -> str:
        """Apply the edits from the end, so that the offsets of the others stay true."""
        data = self.data
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end))[::-1]:
            data = data[: edit.start] + edit.text.encode() + data[edit.end :]
        return data.decode()


def compare_with_none(source: Source) -> Iterator[Edit]:
    """Turn `x == None` into `x is None`."""
    words = {ast.Eq: " is None", ast.NotEq: " is not None"}
    for node in ast.walk(source.tree):
        match node:
            case ast.Compare(ops=[ast.Eq() | ast.NotEq()], comparators=[ast.Constant(value=None) as none]):
                yield Edit(source.end(node.left), source.end(none), words[type(node.ops[0])])


def mutable_defaults(source: Source) -> Iterator[Edit]:
    """Turn a default such as `x=[]` into None, and make the list anew in each call."""
    for node in ast.walk(source.tree):
        if isinstance(node, Function):
            for argument, default in _defaults(node):
                if isinstance(default, ast.List | ast.Dict | ast.Set):
                    yield from _fresh_default(source, node, argument, default)


def literal_eval(source: Source) -> Iterator[Edit]:
    """Turn `eval(x)` into `ast.literal_eval(x)`, which reads values and runs nothing."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(func=ast.Name(id="eval") as name, args=[_]):
                yield Edit(source.start(name), source.end(name), "ast.literal_eval")
                yield from _import_ast(source)


CODEMODS: list[Callable[[Source], Iterator[Edit]]] = [compare_with_none, mutable_defaults, literal_eval]


def repair(text: str) -> str:
    """Return the source with every codemod applied."""
    for codemod in CODEMODS:
        source = Source(text)
        # Each edit once: two findings may ask for the same import.
        text = source.edited(list(dict.fromkeys(codemod(source))))
    return text


def _defaults(function: Function) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    yield from zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True)
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


def _fresh_default(source: Source, function: Function, argument: ast.arg, default: ast.expr) -> Iterator[Edit]:
    first = function.body[1] if ast.get_docstring(function) and function.body[1:] else function.body[0]
    place, indent = source.line_start(first.lineno), " " * first.col_offset
    if source.data[place : place + first.col_offset].strip():
        return  # The body stands on the line of the `def`: no room for another statement.
    yield Edit(source.start(default), source.end(default), "None")
    if argument.annotation:
        end = source.end(argument.annotation)
        yield Edit(end, end, " | None")
    guard = f"{indent}if {argument.arg} is None:\n{indent}    {argument.arg} = {source.text(default)}\n"
    yield Edit(place, place, guard)


def _import_ast(source: Source) -> Iterator[Edit]:
    imports = [node for node in source.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    known = any(isinstance(node, ast.Import) and node.names[0].name == "ast" for node in imports)
    if imports and not known:
        place = source.end(imports[-1])
        yield Edit(place, place, "\nimport ast")
