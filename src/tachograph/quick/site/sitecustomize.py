"""Found by the Python that `tachograph run` starts, before the program; then runs the one that it hides, if any."""

import sys


def _start() -> None:
    try:
        from tachograph.quick import hook
    except ImportError:  # another Python, in which tachograph is not installed
        return
    try:
        hook.install()
    except Exception as error:
        print(f"tachograph: this program is not instrumented: {error!r}", file=sys.stderr)


def _run_hidden() -> None:
    """The user's own `sitecustomize` stands behind ours on the path."""
    from importlib.machinery import PathFinder

    own = __file__.rpartition("/")[0] or __file__.rpartition("\\")[0]
    path = [folder for folder in sys.path if folder.rstrip("/\\") != own]
    spec = PathFinder.find_spec("sitecustomize", path)
    if spec and spec.loader and spec.origin != __file__:
        from importlib.util import module_from_spec

        module = module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


_start()
_run_hidden()
