"""Random numbers by name, so that a world with a change draws the same numbers as the one without it."""

import random


class Chance:
    """A tree of random streams: what is drawn under one name does not depend on what was drawn under another."""

    def __init__(self, *names: object) -> None:
        self._name = "/".join(map(str, names))

    def of(self, *names: object) -> random.Random:
        """The stream of a name; asked for again it begins anew."""
        return random.Random(f"{self._name}/{'/'.join(map(str, names))}")


def spread(draw: random.Random, sigma: float) -> float:
    """A lognormal factor with mean 1."""
    return draw.lognormvariate(-sigma * sigma / 2, sigma)


def autocorrelated(draw: random.Random, count: int, phi: float, sigma: float) -> list[float]:
    """A stationary AR(1) series with mean 0 and standard deviation sigma."""
    values, shock = [], sigma * (1 - phi * phi) ** 0.5
    value = draw.gauss(0, sigma)
    for _ in range(count):
        values.append(value)
        value = phi * value + draw.gauss(0, shock)
    return values
