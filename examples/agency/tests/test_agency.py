"""The agency repairs what it can, and fails where it cannot."""

import pytest
from agency.agents import AGENTS, courier, fuzzer
from agency.cli import main
from agency.codemods import repair
from agency.engine import CircularDependency, Engine
from agency.model import ContextWindowExceeded, LocalModel, read_prose
from agency.recipes import RecipeError, load_recipe, parse_recipe
from agency.workspace import CODEBASE, Edit, Issue, IssueError, load_issue, load_issues, prepared_task
from click.testing import CliRunner

SOUND = Issue("TB-0", "Totals of a time sheet", "refactor", "simple", [])


def execute(recipe_name, issue):
    with prepared_task(issue) as task:
        result = Engine(LocalModel(read_prose(task.workspace))).execute(load_recipe(recipe_name), task)
    return result, {step.name: step for step in result.steps}


def recipe_of(**dependencies):
    steps = [{"name": name, "agent": "tester", "depends_on": needed} for name, needed in dependencies.items()]
    return parse_recipe({"name": "r", "version": 1, "description": "", "manual_minutes": 1, "steps": steps})


@pytest.mark.parametrize("name", AGENTS)
def test_a_sound_code_base_passes_every_agent(name):
    with prepared_task(SOUND) as task:
        result = AGENTS[name](LocalModel(read_prose(task.workspace))).run(task)
    assert result.ok, result


@pytest.mark.parametrize(("recipe", "issue"), [("fix_bug", "TB-1"), ("release", "TB-4"), ("health_check", "TB-4")])
def test_recipes_succeed_on_what_can_be_repaired(recipe, issue):
    result, _ = execute(recipe, load_issue(issue))
    assert result.ok
    assert result.steps_completed == result.steps_total


@pytest.mark.parametrize("recipe", ["fix_bug", "release", "health_check"])
def test_recipes_fail_with_the_tester_on_what_cannot(recipe):
    result, steps = execute(recipe, load_issue("TB-8"))
    assert result.outcome == "failure"
    assert steps["test"].error == "tests_failed"
    assert "test_working_days" in steps["test"].findings[0]


@pytest.mark.parametrize("recipe", ["publish", "fuzz", "soak"])
def test_recipes_that_wait_or_compute_succeed(recipe, monkeypatch):
    """With short waits and few rounds."""
    monkeypatch.setattr(courier, "SECONDS", (0.0, 0.01))
    monkeypatch.setattr(fuzzer, "ROUNDS", 100)
    result, _ = execute(recipe, load_issue("TB-2"))
    assert result.ok, result


def test_steps_after_a_failure_are_skipped_and_others_run():
    _, steps = execute("fix_bug", load_issue("TB-8"))
    assert [steps[name].outcome for name in ("security", "review", "package")] == ["success", "skip", "skip"]


def test_a_second_attempt_finishes_what_the_first_one_left():
    result, steps = execute("fix_bug", load_issue("TB-5"))
    assert result.ok
    assert steps["implement"].attempts == 2


def test_steps_that_wait_for_each_other_are_refused():
    with pytest.raises(CircularDependency, match=r"a -> b -> a|b -> a -> b"):
        Engine(LocalModel("")).resolve(recipe_of(a=["b"], b=["a"]))


def test_steps_come_after_those_they_depend_on():
    steps = Engine(LocalModel("")).resolve(recipe_of(c=["a", "b"], b=["a"], a=[]))
    assert [step.name for step in steps] == ["a", "b", "c"]


def test_unknown_dependencies_are_refused():
    with pytest.raises(RecipeError, match="nobody"):
        Engine(LocalModel("")).resolve(recipe_of(a=["nobody"]))


def test_the_model_speaks_within_its_window():
    model = LocalModel(read_prose(CODEBASE), window=8)
    answer = model.complete("Return the total")
    assert answer == model.complete("Return the total")
    assert (answer.input_tokens, answer.finish_reason) == (3, "stop")
    assert answer.text.startswith(" minutes")
    with pytest.raises(ContextWindowExceeded):
        model.complete("word " * 9)


def test_codemods_keep_the_rest_of_the_source():
    source = 'def f(é: list = [], *, k={}):  # ü\n    """Doc."""\n    return é != None\n'
    assert repair(source) == (
        'def f(é: list | None = None, *, k=None):  # ü\n    """Doc."""\n'
        "    if é is None:\n        é = []\n    if k is None:\n        k = {}\n    return é is not None\n"
    )


def test_codemods_leave_functions_of_one_line_alone():
    assert repair("def f(x=[]): return x\n") == "def f(x=[]): return x\n"


def test_an_issue_must_fit_the_code_base():
    misfit = Issue("TB-0", "", "bug", "simple", [Edit("README.md", "new", old="not in there")])
    with pytest.raises(IssueError, match=r"README\.md"), prepared_task(misfit):
        pass


def test_every_issue_fits_the_code_base():
    for issue in load_issues().values():
        with prepared_task(issue) as task:
            assert task.package.name == "timebook"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("recipe run release --issue TB-2", 0),
        ("agent invoke security --issue TB-9", 1),
        ("recipe run nothing --issue TB-1", 2),
        ("recipe run fix_bug --issue TB-99", 2),
        ("agent invoke nobody --issue TB-1", 2),
    ],
)
def test_exit_codes(arguments, code):
    assert CliRunner().invoke(main, arguments.split()).exit_code == code


def test_a_chosen_workspace_is_kept_and_never_overwritten(tmp_path):
    command = ["agent", "invoke", "architect", "--issue", "TB-1", "--workspace", str(tmp_path / "here")]
    assert CliRunner().invoke(main, command).exit_code == 0
    assert (tmp_path / "here" / "timebook").is_dir()
    assert CliRunner().invoke(main, command).exit_code == 2


def test_steps_that_do_not_wait_for_each_other_run_together():
    """With enough workers every step still comes after those it depends on, and the result is the same."""
    ended = []
    with prepared_task(load_issue("TB-1")) as task:
        engine = Engine(LocalModel(read_prose(task.workspace)), lambda step: ended.append(step.name), workers=3)
        recipe = load_recipe("fix_bug")
        result = engine.execute(recipe, task)
    assert result.ok
    assert sorted(ended) == sorted(step.name for step in recipe.steps)
    for step in recipe.steps:
        assert all(ended.index(needed) < ended.index(step.name) for needed in step.depends_on)


def test_steps_after_a_failure_are_skipped_with_several_workers_too():
    with prepared_task(load_issue("TB-8")) as task:
        engine = Engine(LocalModel(read_prose(task.workspace)), workers=3)
        result = engine.execute(load_recipe("fix_bug"), task)
    steps = {step.name: step.outcome for step in result.steps}
    assert [steps[name] for name in ("test", "security", "review", "package")] == ["failure", "success", "skip", "skip"]


def test_a_person_can_be_timed():
    """The command asks how it went, and its exit code says so."""
    arguments = ["recipe", "time", "fix_bug", "--issue", "TB-2"]
    assert CliRunner().invoke(main, arguments, input="y\n").exit_code == 0
    assert CliRunner().invoke(main, arguments, input="n\n").exit_code == 1


def test_a_tangled_recipe_is_told_in_one_line():
    ended = CliRunner().invoke(main, ["recipe", "run", "tangled", "--issue", "TB-2"])
    assert ended.exit_code == 2
    assert "analyse -> repair -> review -> analyse" in ended.output
