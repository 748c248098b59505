"""Imports modules one after the other and says of each how it went; started as a program, inside a containment.

Arguments: the file to write to, then names of modules. One JSON object a line, written at once, for a module may end
it all.
"""

import importlib
import json
import sys
import traceback


def main() -> None:
    results, *names = sys.argv[1:]
    for name in names:
        _note(results, {"module": name, "began": True})
        _note(results, {"module": name, **_imported(name)})


def _imported(name: str) -> dict[str, object]:
    try:
        importlib.import_module(name)
    except SystemExit:
        return {}  # a script without a guard; it was read to that point
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)[-1:]
        place = {"file": last[0].filename, "line": last[0].lineno} if last else {}
        missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
        return {"error": f"{type(error).__name__}: {error}"[:500], "missing": missing, **place}
    return {}


def _note(file: str, record: dict[str, object]) -> None:
    with open(file, "a", encoding="utf-8") as stream:
        stream.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
