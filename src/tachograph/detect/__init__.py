"""Bottlenecks with evidence: what costs time or success, found in the executions of a window, and only where it is."""

from tachograph.detect.judge import Findings, judge

__all__ = ["Findings", "judge"]
