"""What takes the place of a command's span in a child of `tachograph run`, which has the span: it is told the facts."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tachograph import vocabulary as v
from tachograph.collect import told
from tachograph.collect.execution import meaning
from tachograph.guard import harmless


class Telling:
    """Used as an `Execution` is."""

    def __init__(self, program: str, file: str) -> None:
        self.name = program
        self.said: Callable[[str], str] = str
        self._file = file
        self._attributes: dict[str, Any] = {v.EXECUTABLE_NAME: program}
        self._ending: dict[str, str] = {}

    def start(self) -> None:
        """It has begun with the process."""

    def enter(self) -> None:
        """Its span is current already, as the caller's."""

    def leave(self) -> None:
        """The span ends with the process."""

    def set(self, attributes: Mapping[str, Any]) -> None:
        self._attributes |= attributes
        self._tell()

    def rename(self, name: str) -> None:
        self.name = name
        self._tell()

    def outcome(self, value: str, error_type: str | None = None) -> None:
        self._ending = {told.OUTCOME: value, told.ERROR_TYPE: error_type or value}

    @harmless
    def stop(self, error: BaseException | None = None) -> None:
        if error is not None and not isinstance(error, SystemExit):
            value, kind = meaning(error)
            self._ending = {told.OUTCOME: value, told.ERROR_TYPE: kind, **self._ending}
            self._ending[told.MESSAGE] = self.said(str(error)) or kind
        self._tell()

    @harmless
    def _tell(self) -> None:
        told.write(self._file, self._facts())

    def _facts(self) -> Iterator[tuple[str, str]]:
        program = str(self._attributes[v.EXECUTABLE_NAME])
        yield told.PROGRAM, program
        for part in self.name.removeprefix(program).split():
            yield told.PART, part
        for option in self._attributes.get(v.COMMAND_OPTIONS, ()):
            yield told.OPTION, option
        yield from self._ending.items()
