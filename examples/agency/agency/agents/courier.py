"""The courier asks somebody outside and waits for the answer."""

import random
import time

from agency.agents.base import Agent
from agency.task import Result, Task

SECONDS = (0.7, 1.6)


class Courier(Agent):
    """Waits as long as people and other people's servers take, within bounds; this computer has nothing to do then."""

    name = "courier"
    version = "1.0"

    def run(self, task: Task) -> Result:
        context = self.contexts.prepare(self.name, task)
        seconds = random.uniform(*SECONDS)
        time.sleep(seconds)
        note = self.describe_subject(context)
        return Result(True, f"answered after {seconds:.1f} s", note=note)
