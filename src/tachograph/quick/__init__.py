"""The way in that costs a short command next to nothing: `tachograph run` and what it puts into a Python child.

Everything here is loaded before the program, in every run, so it takes nothing from the standard library that is not
loaded anyway, and nothing of OpenTelemetry before the program itself needs it.
"""
