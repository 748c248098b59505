"""Numbers without opinions: key figures, performance of agents and recipes, trace trees, intervals."""
