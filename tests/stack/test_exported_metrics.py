"""What `tachograph export --format prometheus` prints is what Prometheus reads."""

import subprocess
from pathlib import Path

from binaries import program
from support import Run
from workload import workload


def test_promtool_finds_nothing_to_object_to(tachograph: Run, tmp_path: Path) -> None:
    """Neither names nor types nor help."""
    (tmp_path / "all.jsonl").write_bytes(b"".join(workload()))
    assert tachograph("ingest", tmp_path / "all.jsonl").returncode == 0
    told = tachograph("export", "--format", "prometheus").stdout
    assert "dev_agency_agent_invocations_total" in told
    checked = subprocess.run([program("promtool"), "check", "metrics"], input=told, text=True, capture_output=True)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
