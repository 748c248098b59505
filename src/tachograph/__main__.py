"""`python -m tachograph` is the command `tachograph`."""

from tachograph.cli import main

main()
