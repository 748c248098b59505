"""Writes json-export.schema.json from the record types, or with --check says whether it is what they would make."""

import json
import sys
from pathlib import Path

from tachograph.present.schema import json_export

SCHEMA = Path(__file__).with_name("json-export.schema.json")


def main() -> int:
    text = json.dumps(json_export(), indent=2, ensure_ascii=False) + "\n"
    if "--check" not in sys.argv[1:]:
        SCHEMA.write_text(text, encoding="utf-8")
    elif not SCHEMA.exists() or SCHEMA.read_text(encoding="utf-8") != text:
        print(f"{SCHEMA.name} is not what the record types make; run: make generate", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
