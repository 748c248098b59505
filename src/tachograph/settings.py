"""What the user has set: the only module that reads (or defaults) environment variables and pyproject.toml."""

import os
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tachograph import environment, redaction
from tachograph.environment import SIGNALS

EXIT_MS = "TACHOGRAPH_EXIT_MS"
ENTRY_POINTS = "TACHOGRAPH_ENTRY_POINTS"
CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"  # the standard's name for it
SPOOL_MAX_MB = "TACHOGRAPH_SPOOL_MAX_MB"
SPOOL_MAX_DAYS = "TACHOGRAPH_SPOOL_MAX_DAYS"
PRICES = "TACHOGRAPH_PRICES"
POST_URL = "TACHOGRAPH_POST_URL"

PROMETHEUS_PORT = 9464


class SpoolBounds(NamedTuple):
    """How much a spool may hold, and how often a process that starts looks whether it does."""

    bytes: int = 512 * 2**20
    age_s: float = 30 * 86_400
    files: int = 100_000
    check_s: float = 600


class Review(NamedTuple):
    """What `[tool.tachograph.quality]` says: whose work is reviewed after it returned, and how.

    `agents` are names, or `*`; `path` is absolute. The rest is as in `tachograph assess`.
    """

    agents: tuple[str, ...]
    path: Path
    base: str | None = None
    spec: str | None = None
    test_command: str | None = None
    python: str | None = None
    unsafe: bool = False

    def includes(self, agent: str) -> bool:
        """Whether the work of this agent is reviewed."""
        return "*" in self.agents or agent in self.agents

    def order(self) -> dict[str, Any]:
        """What is to be reviewed, and how, for a request in JSON."""
        rest = {"base": self.base, "spec": self.spec, "test_command": self.test_command, "python": self.python}
        return {"path": os.fspath(self.path), **rest, "unsafe": self.unsafe}


class Settings(NamedTuple):
    """Settings of one process. `problems` holds one line for each setting that could not be understood."""

    home: Path
    spool: bool = True
    exit_ms: int = 200
    entry_points: tuple[str | dict[str, Any], ...] = ()
    problems: Sequence[str] = ()
    spool_bounds: SpoolBounds = SpoolBounds()
    review: Review | None = None
    recipes: tuple[Path, ...] = ()  # folders and files with the recipes of this project
    price_file: Path | None = None  # the user's own prices of models
    project: Path = Path()  # the folder of the pyproject.toml with our table

    @property
    def spool_folder(self) -> Path:
        return self.home / "spool"

    @property
    def requests_folder(self) -> Path:
        return self.home / "reviews"

    @property
    def store_path(self) -> Path:
        return self.home / "store.duckdb"

    @property
    def receiver_note(self) -> Path:
        """Where a receiver that runs says so."""
        return self.home / "receiver.json"


def load() -> Settings:
    """Settings from the environment and the nearest pyproject.toml with a `[tool.tachograph]` table; never raises."""
    problems: list[str] = []
    table, project = _project_table(problems)
    return Settings(
        home=home(),
        spool=environment.spool_is_on(),
        exit_ms=_milliseconds(EXIT_MS, 200, problems),
        entry_points=(*_from_variable(os.environ.get(ENTRY_POINTS, "")), *_from_table(table, problems)),
        problems=problems,
        spool_bounds=_spool_bounds(problems),
        review=_review(table.get("quality"), project, problems),
        recipes=_recipes(table, project, problems),
        price_file=_price_file(table, project, problems),
        project=project,
    )


def home() -> Path:
    """Where spool and store live: `TACHOGRAPH_HOME`, else the platform's folder for application data."""
    return Path(environment.home())


def post_url() -> str:
    """The webhook that summaries go to, empty where none is set; kept out of command lines, for it may be a secret."""
    return os.environ.get(POST_URL, "").strip()


def without_user_home(text: str) -> str:
    """`text` with ~ for the user's folder, whose name is often the user's."""
    folder = environment.user_home()
    return text.replace(folder, "~") if len(folder) > 1 else text


def keep_secrets(salt: bytes | None) -> None:
    """Tell `redaction` what this process knows of secrets and of its user, and whether content is asked for."""
    redaction.keep_content(redaction.Capture.named(os.environ.get(CONTENT, "")), salt)
    redaction.learn_later(lambda: redaction.hide_arguments(sys.argv[1:]))
    redaction.learn_later(lambda: redaction.hide_environment(os.environ))
    redaction.learn_later(_tell_who_runs_it)


def _tell_who_runs_it() -> None:
    folder = environment.user_home()
    redaction.hide_person({folder, os.path.realpath(folder)}, environment.user_name())


def name_exporters() -> None:
    """Switch OTLP on for each signal with an endpoint but no exporter named; without either there is only the spool."""
    for signal in SIGNALS:
        endpoints = ("OTEL_EXPORTER_OTLP_ENDPOINT", f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
        named = any(os.environ.get(name) for name in endpoints)
        os.environ.setdefault(f"OTEL_{signal}_EXPORTER", "otlp" if named else "none")


def names_exporter(signal: str) -> bool:
    """Whether an exporter is named for one of `SIGNALS`."""
    return os.environ.get(f"OTEL_{signal}_EXPORTER", "none").strip().lower() not in ("", "none")


@contextmanager
def metrics_exporters_withheld() -> Iterator[None]:
    """For a while no exporter is named for metrics, so that the SDK makes none by itself."""
    name = "OTEL_METRICS_EXPORTER"
    named = os.environ.get(name)
    os.environ[name] = "none"
    try:
        yield
    finally:
        os.environ.pop(name)
        if named is not None:
            os.environ[name] = named


def prometheus_address() -> tuple[str, int, str | None]:
    """Host and port on which metrics are scraped, by the standard variables; with a problem where the port is none."""
    host = os.environ.get("OTEL_EXPORTER_PROMETHEUS_HOST") or "localhost"
    text = os.environ.get("OTEL_EXPORTER_PROMETHEUS_PORT") or str(PROMETHEUS_PORT)
    if text.strip().isdecimal() and int(text) < 2**16:
        return host, int(text), None
    return host, PROMETHEUS_PORT, f"OTEL_EXPORTER_PROMETHEUS_PORT={text!r} is not a port; using {PROMETHEUS_PORT}"


def sampler() -> str | None:
    """The sampler that the standard variable names, None where it is left to the default (or named the default)."""
    name = os.environ.get("OTEL_TRACES_SAMPLER", "").strip()
    return None if name in ("", "parentbased_always_on") else name


def has_config_file() -> bool:
    """Whether OpenTelemetry's declarative configuration is in use, which ignores what a configurator passes."""
    return bool(os.environ.get("OTEL_CONFIG_FILE"))


def disabled_instrumentations() -> Collection[str]:
    """Names of the instrumentations that the standard variable switches off."""
    return [name.strip() for name in os.environ.get("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "").split(",")]


def describes_resource() -> bool:
    """Whether the environment says anything of the resource, or names what is to find out about it."""
    names = ("OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME", "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS")
    return any(os.environ.get(name) for name in names)


def is_completion() -> bool:
    """Whether a shell started this program only to ask how a line could go on (`_APP_COMPLETE`, `_ARGCOMPLETE`)."""
    return any(name.startswith("_") and name.endswith("COMPLETE") for name in os.environ)


def exporter_variables() -> dict[str, str]:
    """What the standard variables say about OTLP, by name, without the blank ones."""
    prefix = "OTEL_EXPORTER_OTLP_"
    return {name: value for name, value in os.environ.items() if name.startswith(prefix) and value.strip()}


def _spool_bounds(problems: list[str]) -> SpoolBounds:
    default = SpoolBounds()
    megabytes = _positive(SPOOL_MAX_MB, default.bytes / 2**20, problems)
    days = _positive(SPOOL_MAX_DAYS, default.age_s / 86_400, problems)
    # With less there would be a new file every few spans.
    return SpoolBounds(bytes=max(2**20, int(megabytes * 2**20)), age_s=days * 86_400)


def _positive(name: str, default: float, problems: list[str]) -> float:
    text = os.environ.get(name, "")
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if 0 < value < 1e9:
        return value
    problems.append(f"{name}={text!r} is not a number above 0; using {default:g}")
    return default


def _milliseconds(name: str, default: int, problems: list[str]) -> int:
    text = os.environ.get(name, "")
    if not text:
        return default
    if text.isdecimal():
        return int(text)
    problems.append(f"{name}={text!r} is not a whole number of milliseconds; using {default}")
    return default


def _from_variable(text: str) -> Iterator[str]:
    for line in text.replace(";", "\n").splitlines():
        if line.strip():
            yield line.strip()


def _from_table(table: dict[str, Any], problems: list[str]) -> Iterator[str | dict[str, Any]]:
    named = table.get("entry_points", [])
    if not isinstance(named, list):
        problems.append("[tool.tachograph] entry_points must be a list of strings or tables; it is left out")
        return
    yield from named


def _price_file(table: dict[str, Any], project: Path, problems: list[str]) -> Path | None:
    """The file that is named, else the one in the home where there is one."""
    if named := os.environ.get(PRICES):
        return Path(named)
    told = table.get("prices")
    if isinstance(told, str):
        return project / told
    if told is not None:
        problems.append("[tool.tachograph] prices must be a file; it is left out")
    usual = home() / "prices.toml"
    return usual if usual.is_file() else None


def _recipes(table: dict[str, Any], project: Path, problems: list[str]) -> tuple[Path, ...]:
    named = table.get("recipes", [])
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        problems.append("[tool.tachograph] recipes must be a list of folders or files; it is left out")
        return ()
    return tuple(project / name for name in named)


_REVIEW_KEYS = {"agents", "path", "base", "spec", "test_command", "python", "unsafe"}


def _review(table: Any, project: Path, problems: list[str]) -> Review | None:
    """Whose work is to be reviewed; None where nothing is said, or nothing that could be understood."""
    if table is None:
        return None
    agents = table.get("agents") if isinstance(table, dict) else None
    named = [agents] if isinstance(agents, str) else agents
    texts = ("path", "base", "spec", "test_command", "python")
    if not isinstance(named, list) or any(not isinstance(table.get(key, ""), str) for key in texts):
        problems.append("[tool.tachograph.quality] needs agents, a list of names, and texts; nothing is reviewed")
        return None
    known = ", ".join(sorted(_REVIEW_KEYS))
    unknown = sorted(table.keys() - _REVIEW_KEYS)
    problems += [f"[tool.tachograph.quality] {key} is none of {known}; it is left out" for key in unknown]
    spec, python = (os.fspath(project / table[key]) if table.get(key) else None for key in ("spec", "python"))
    return Review(
        tuple(map(str, named)),
        project / table.get("path", "."),
        table.get("base"),
        spec,
        table.get("test_command"),
        python,
        table.get("unsafe") is True,
    )


def _project_table(problems: list[str]) -> tuple[dict[str, Any], Path]:
    """The nearest table of ours, and the folder that it is in."""
    for file in _project_files():
        try:
            content = file.read_bytes()
            if b"tool.tachograph" not in content:
                continue
            import tomllib  # short commands seldom have a project with settings of ours

            table = tomllib.loads(content.decode()).get("tool", {}).get("tachograph", {})
        except (OSError, ValueError) as error:
            problems.append(f"{file} cannot be read ({error}); its settings are left out")
            return {}, file.parent
        return table if isinstance(table, dict) else {}, file.parent
    return {}, Path()


def _project_files() -> Iterator[Path]:
    try:
        here = Path.cwd()
    except OSError:  # the working folder was removed
        return
    for folder in (here, *here.parents):
        file = folder / "pyproject.toml"
        if os.access(file, os.R_OK):
            yield file
