"""`python bench/detection`: the folder as a program."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

if __name__ == "__main__":
    from detection.program import main

    sys.exit(main())
