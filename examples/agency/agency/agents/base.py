"""What all agents have in common: a context, and a model to put their work into words."""

from abc import ABC, abstractmethod
from pathlib import PurePath
from typing import ClassVar

from agency.context import Context, ContextBuilder
from agency.model import Completion, ContextWindowExceeded, LocalModel
from agency.task import Result, Task


class Agent(ABC):
    """A worker with one skill."""

    name: ClassVar[str]
    version: ClassVar[str]

    def __init__(self, model: LocalModel) -> None:
        self.model = model
        self.contexts = ContextBuilder()

    @abstractmethod
    def run(self, task: Task) -> Result:
        """Do the work of this agent on the task's workspace."""

    def ask(self, context: Context, opening: str, max_tokens: int = 16) -> Completion:
        """Let the model finish a sentence, with as much of the context as its window holds."""
        while True:
            try:
                return self.model.complete(f"{context.text}\n{opening}", max_tokens)
            except ContextWindowExceeded:
                context = context.halved()

    def sentence(self, context: Context, opening: str) -> str:
        """Write one whole sentence that begins with the opening; nothing when the model knows none."""
        completion = self.ask(context, opening)
        explanation = completion.text.strip(" .")
        if not explanation or completion.finish_reason == "length":
            return ""
        return f"{opening} {explanation}."

    def describe_subject(self, context: Context) -> str:
        """Write a sentence about the file that matters most for the task."""
        return self.sentence(context, f"The {PurePath(context.files[0]).stem.removeprefix('test_')}")


def counted(number: int, noun: str) -> str:
    """Write a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
