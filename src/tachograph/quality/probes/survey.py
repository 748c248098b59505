"""Says what Python files define, without running them; started as a program, for what it reads may crash a parser.

Arguments: a folder; standard input: paths in it, one a line. Prints one JSON object a file.
"""

import ast
import json
import sys
from pathlib import Path


def main() -> None:
    folder = Path(sys.argv[1])
    for path in sys.stdin.read().splitlines():
        print(json.dumps({"path": path, **_survey(folder / path)}), flush=True)


def _survey(file: Path) -> dict[str, object]:
    try:
        text = file.read_bytes()
        tree = ast.parse(text)
        compile(tree, str(file), "exec", dont_inherit=True)
    except SyntaxError as error:
        return {"error": f"{type(error).__name__}: {error.msg}", "line": error.lineno}
    except (ValueError, RecursionError, MemoryError, OSError) as error:
        return {"error": f"{type(error).__name__}: {error}".partition("\n")[0], "line": None}
    found: list[dict[str, object]] = []
    _definitions(tree, "", public=not _is_private(file.stem), found=found)
    lines = sum(bool(line.strip()) for line in text.splitlines())
    return {"definitions": found, "lines": lines, "documented": ast.get_docstring(tree) is not None}


def _definitions(node: ast.AST, prefix: str, *, public: bool, found: list[dict[str, object]]) -> None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            is_public = public and not _is_private(child.name)
            is_class = isinstance(child, ast.ClassDef)
            stub = not isinstance(child, ast.ClassDef) and _is_stub(child)
            found.append(
                {
                    "name": prefix + child.name,
                    "line": child.lineno,
                    "end": child.end_lineno,
                    "public": is_public,
                    "class": is_class,
                    "documented": ast.get_docstring(child) is not None,
                    "stub": stub,
                }
            )
            if is_class:
                _definitions(child, f"{prefix}{child.name}.", public=is_public, found=found)
        elif isinstance(child, ast.If | ast.Try | ast.With):
            _definitions(child, prefix, public=public, found=found)


def _is_private(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def _is_stub(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function says only that it is yet to be written; abstract and overloaded ones are meant to be empty."""
    if any("abstract" in ast.dump(it) or "overload" in ast.dump(it) for it in function.decorator_list):
        return False
    body = [it for it in function.body if not (isinstance(it, ast.Expr) and isinstance(it.value, ast.Constant))]
    if not body:
        return not ast.get_docstring(function)  # a body of `...` alone
    return len(body) == 1 and isinstance(body[0], ast.Raise) and "NotImplementedError" in ast.dump(body[0])


if __name__ == "__main__":
    main()
