"""Session files that coding agents leave on disk, read as the turns, model calls and tool calls that they tell of.

They are recognised by what stands in them. A file is read from its start each time that it has grown, for what a line
means depends on those before it; ids are hashed from the agent's own names, so that nothing is stored twice.
"""

from tachograph.store.parsing.sessions.reading import read, recognised

__all__ = ["read", "recognised"]
