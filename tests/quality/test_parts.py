"""What reviews rest on: specifications, differences between folders, what files are, how points become scores."""

from pathlib import Path

import pytest
from projects import write

from tachograph.quality.git import FileChange, compare, substance
from tachograph.quality.judged import falling
from tachograph.quality.paths import is_public, is_test, module
from tachograph.quality.spec import Spec


@pytest.mark.parametrize(
    ("text", "names", "files"),
    [
        ("- [ ] write `Reader.read(path)`", ("Reader.read",), ()),
        ("* total() and taxed(price)", ("total", "taxed"), ()),
        ("1. the file docs/prices.md, and `pyproject.toml`", (), ("pyproject.toml", "docs/prices.md")),
        ("- parse_line raises `ValueError`", ("parse_line",), ()),
        ("- be kind, e.g. to others", (), ()),
    ],
)
def test_names_in_a_specification(tmp_path: Path, text: str, names: tuple[str, ...], files: tuple[str, ...]) -> None:
    """Functions and files of an item, in backquotes or as they look; names of the language are none."""
    (tmp_path / "spec.md").write_text(f"# To do\n\n{text}\n\nSome words.\n")
    (item,) = Spec.read(tmp_path / "spec.md").items
    assert (item.names, item.files, item.line) == (names, files, 3)


def test_a_specification_in_json(tmp_path: Path) -> None:
    """Functions, files and a checklist."""
    (tmp_path / "spec.json").write_text(
        '{"functions": ["a.b"], "files": ["x.py"], "checklist": ["write c()", "be kind"]}'
    )
    spec = Spec.read(tmp_path / "spec.json")
    assert [(item.names, item.files) for item in spec.items] == [
        (("a.b",), ()),
        ((), ("x.py",)),
        (("c",), ()),
        ((), ()),
    ]
    assert len(spec.named) == 3


def test_what_differs_between_folders(tmp_path: Path) -> None:
    """New, gone, renamed, binary and oddly named files, each with the lines that were added."""
    lines = "".join(f"{n}\n" for n in range(30))
    write(tmp_path, {"a/same.py": "x\n", "a/edited.py": "x\ny\n", "a/gone.py": "gone\n", "a/old.py": lines})
    write(tmp_path, {"b/same.py": "x\n", "b/edited.py": "x\nz\nq\n", "b/ne w.py": "new\n", "b/new.py": lines + "30\n"})
    write(tmp_path, {'b/ü".py': "1\n", "b/empty.py": ""})
    (tmp_path / "b" / "picture").write_bytes(b"\0\1")
    found = {change.path: change for change in compare(tmp_path / "a", tmp_path / "b")}
    assert found["edited.py"] == FileChange("edited.py", "edited.py", frozenset({2, 3}), 1)
    assert found["ne w.py"] == FileChange("ne w.py", None, frozenset({1}))
    assert found["new.py"] == FileChange("new.py", "old.py", frozenset({31}))
    assert found['ü".py'].added == {1}
    assert found["gone.py"].removed == 1
    assert found["picture"].binary
    assert "empty.py" in found
    assert "same.py" not in found


def test_white_space_is_no_substance(tmp_path: Path) -> None:
    """Of two lines added one says something."""
    write(tmp_path, {"a/x.py": "a\nb\n", "b/x.py": "a\n  b\nc\n"})
    assert substance(tmp_path / "a", tmp_path / "b") == 0.5
    assert substance(tmp_path / "a", tmp_path / "a") is None


def test_what_files_are_by_their_paths() -> None:
    """Tests, modules that others import, and neither."""
    assert [is_test(it) for it in ("tests/a.py", "a/test_b.py", "conftest.py", "a/latest.py")] == [True] * 3 + [False]
    assert [is_public(it) for it in ("a/b.py", "tests/c.py", "docs/conf.py", "setup.py")] == [True] + [False] * 3
    assert [module(it) for it in ("src/a/__init__.py", "a/b.py", "my-script.py")] == ["a", "a.b", None]


def test_points_become_scores_without_end() -> None:
    """More is lower, however much there is."""
    scores = [falling(points, 4.0) for points in (0, 1, 4, 40, 4_000)]
    assert scores[0] == 10
    assert scores[2] == 5
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 0
