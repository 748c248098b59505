"""Lets the agency start with `python -m agency`."""

from agency.cli import main

main(prog_name="agency")
