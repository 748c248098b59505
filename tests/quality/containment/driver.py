"""Contains one program and says as JSON what became of it and of what is outside; run by whichever user a test wants.

Reads from stdin: `code` (of the program), `argv`, `mechanism`, `limits`, `seconds`, `unsafe`, `prepare` (code of the
test's own that is run in the folder before, uncontained), `read` (files of the copy to read afterwards). In `code` and
`prepare`, VICTIM is a folder outside that anybody may write to, and BYSTANDER the id of a process outside.
"""

import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

from tachograph.quality.containment import Containment, Limits, NotContained, contained


def main() -> None:
    order = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(prefix="escape-") as made:
        place = Path(made).resolve()
        place.chmod(0o755)
        bystander = subprocess.Popen(["sleep", "300"])
        try:
            print(json.dumps(attempt(order, place, bystander)))
        finally:
            bystander.kill()
            bystander.wait()


def attempt(order, place, bystander):
    """Contain what is ordered in a folder below `place`, and look around afterwards."""
    victim = place / "victim"
    victim.mkdir()
    victim.chmod(0o777)
    (victim / "kept.txt").write_text("kept")
    (victim / "kept.txt").chmod(0o666)
    project = place / "project"
    project.mkdir()
    names = {"VICTIM": str(victim), "BYSTANDER": bystander.pid}
    os.chdir(project)
    exec(order.get("prepare", ""), dict(names))  # noqa: S102 - is the test's own
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            found = contain(order, project, names)
        except NotContained as error:
            return {"refused": str(error)}
    return found | {
        "warnings": [str(each.message) for each in warned],
        "victim": {each.name: each.read_text() for each in victim.iterdir()},
        "bystander": bystander.poll() is None,
        "left": [str(each) for each in (Path(found["folder"]).parent,) if each.exists()],
    }


def contain(order, project, names):
    """One run."""
    limits = Limits(**{"seconds": 30, **order.get("limits", {})})
    options = {"unsafe": order.get("unsafe", False), "mechanism": order.get("mechanism")}
    code = "".join(f"{name} = {value!r}\n" for name, value in names.items()) + order["code"]
    with contained(project, limits=limits, keep=order.get("keep", ()), **options) as room:
        listed = sorted(str(each.relative_to(room.folder)) for each in room.folder.rglob("*"))
        argv = order.get("command") or [sys.executable, "-c", code, *order.get("argv", [])]
        done = room.run(argv, env=order.get("env", {}), seconds=order.get("seconds"))
        return {
            "folder": str(room.folder),
            "mechanism": room.mechanism,
            "gaps": room.gaps,
            "copied": listed,
            "read": {name: read(room, name) for name in order.get("read", [])},
            "stdout": done.stdout.decode(errors="replace"),
            "stderr": done.stderr.decode(errors="replace"),
            **{name: getattr(done, name) for name in ("status", "seconds", "cpu_seconds", "peak_bytes", "ended")},
        }


def read(room: Containment, name: str) -> str | None:
    """A file of the copy, None where it is refused."""
    try:
        return room.read(Path(name)).decode()
    except OSError:
        return None


if __name__ == "__main__":
    main()
