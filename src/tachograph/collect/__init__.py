"""Where spans begin and end: around calls, blocks and commands, never in the way of the program that runs."""
