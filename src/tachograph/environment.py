"""What short commands ask of the environment: nothing is loaded for it but `os`. `settings` knows the rest."""

import os
import sys

HOME = "TACHOGRAPH_HOME"
SPOOL = "TACHOGRAPH_SPOOL"
SIGNALS = ("TRACES", "METRICS", "LOGS")

_USERS = ("LOGNAME", "USER", "LNAME", "USERNAME")
_OFF = frozenset({"off", "0", "false", "no"})
# What continuous-integration systems call the run that they are in.
_CI_RUNS = ("GITHUB_RUN_ID", "CI_PIPELINE_ID", "BUILDKITE_BUILD_ID", "CIRCLE_WORKFLOW_ID", "BUILD_TAG", "BUILD_BUILDID")
# With one of these OpenTelemetry is set up in another way than by default, which only its SDK can do.
_SET_UP = ("OTEL_CONFIG_FILE", "OTEL_SDK_DISABLED", "OTEL_TRACES_SAMPLER", "OTEL_PYTHON_ID_GENERATOR")


def home() -> str:
    """Where spool and store live: `TACHOGRAPH_HOME`, else the platform's folder for application data."""
    named = os.environ.get(HOME)
    if named:
        return os.path.expanduser(named)
    if sys.platform == "win32":
        return os.path.join(
            os.environ.get("LOCALAPPDATA") or os.path.join(user_home(), "AppData", "Local"), "tachograph"
        )
    if sys.platform == "darwin":
        return os.path.join(user_home(), "Library", "Application Support", "tachograph")
    return os.path.join(os.environ.get("XDG_DATA_HOME") or os.path.join(user_home(), ".local", "share"), "tachograph")


def user_home() -> str:
    """The user's folder; one that is nowhere for a user without any."""
    folder = os.path.expanduser("~")
    return "/nonexistent" if folder == "~" else folder


def user_name() -> str:
    """Name of the operating system's user, as `getpass` has it; empty where there is none."""
    named = next((os.environ[name] for name in _USERS if os.environ.get(name)), None)
    if named:
        return named
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (KeyError, ImportError):
        return ""


def spool_is_on() -> bool:
    """Whether spans go to the spool."""
    return os.environ.get(SPOOL, "on").strip().lower() not in _OFF


def ci_run() -> str | None:
    """Name of the continuous-integration run that this process is part of, None outside one."""
    return next((os.environ[name] for name in _CI_RUNS if os.environ.get(name)), None)


def needs_only_the_spool() -> bool:
    """Whether nothing is named that spans would go to besides the spool, nor another way to set the SDK up."""
    if any(os.environ.get(name) for name in _SET_UP) or os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return False
    return not any(_is_named(signal) for signal in SIGNALS)


def _is_named(signal: str) -> bool:
    exporter = os.environ.get(f"OTEL_{signal}_EXPORTER", "none").strip().lower()
    return exporter not in ("", "none") or bool(os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"))
