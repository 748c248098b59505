"""Writes what documents take from code (the JSON schema of reports, the page of dialects); --check says whether it is
what the code would make."""

import json
import sys
from pathlib import Path

import dialects

from tachograph.present.schema import json_export

HERE = Path(__file__).parent


def main() -> int:
    made = {
        HERE / "json-export.schema.json": json.dumps(json_export(), indent=2, ensure_ascii=False) + "\n",
        HERE.parent / "dialects.md": dialects.page(),
    }
    if "--check" not in sys.argv[1:]:
        for path, text in made.items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"{path.name} is not what the code makes; run: make generate", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
