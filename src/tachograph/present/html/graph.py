"""Where the steps of a recipe are drawn: in layers from left to right, each behind all that it waits for.

Layers by longest path, order within a layer by the mean place of what a step waits for, and long edges led
through places of their own (Sugiyama, Tagawa, Toda, "Methods for Visual Understanding of Hierarchical System
Structures", IEEE Transactions on Systems, Man, and Cybernetics 11, 1981).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tachograph.records import GraphStep, RecipeGraph

BOX_WIDTH, BOX_HEIGHT = 166, 58
_GAP_X, _GAP_Y, _PAD = 46, 24, 6
_LETTERS = 20  # that fit into a box

_Place = tuple[str, int]  # a step and its layer; where the layer is not the step's own, an edge passes there
_Waits = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Box:
    """A step where it is drawn."""

    x: float
    y: float
    step: GraphStep
    label: str
    critical: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from what ends to what waits for it; `loose` where it only ran after it."""

    path: str
    critical: bool
    declared: bool
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A graph ready to be drawn."""

    width: float
    height: float
    boxes: list[Box]
    edges: list[Edge]
    box_width: float = BOX_WIDTH
    box_height: float = BOX_HEIGHT

    @property
    def loose(self) -> bool:
        """Whether a step of the critical path ran after another without waiting for it."""
        return any(edge.loose for edge in self.edges)


def layout(graph: RecipeGraph) -> Drawing:
    """The drawing of a recipe's steps. What waits for itself in a circle is drawn in the order in which it ran."""
    steps = {step.name: step for step in graph.steps}
    waits = _reduced(_acyclic(graph.steps))
    layers = _layers(waits)
    places = _places(waits, layers)
    critical = set(graph.critical_path)
    boxes = [Box(*places[name, layers[name]], step, _short(name), name in critical) for name, step in steps.items()]
    edges = [
        Edge(_path(places, layers, before, name), _follows(graph.critical_path, before, name), step.declared)
        for name, step in steps.items()
        for before in waits[name]
    ] + [
        Edge(_beside(places[one, layers[one]], places[other, layers[other]]), True, True, loose=True)
        for one, other in pairwise(graph.critical_path)
        if one in steps and other in steps and one not in waits[other]
    ]
    width = max((x for x, _ in places.values()), default=0) + BOX_WIDTH + _PAD
    height = max((y for _, y in places.values()), default=0) + BOX_HEIGHT + _PAD
    return Drawing(width, height, boxes, sorted(edges, key=lambda edge: edge.critical))


def _acyclic(steps: Sequence[GraphStep]) -> dict[str, list[str]]:
    """What each step waits for, as far as it is drawn and leads into no circle; sorted so that causes come first."""
    left = {step.name: set(step.depends_on) - {step.name} for step in steps}
    known = set(left)
    left = {name: names & known for name, names in left.items()}
    made: dict[str, list[str]] = {}
    while left:
        ready = next((name for name, names in left.items() if names <= made.keys()), next(iter(left)))
        made[ready] = sorted(left.pop(ready) & made.keys())
    return made


def _reduced(waits: _Waits) -> dict[str, list[str]]:
    """Without what already follows from others."""
    above: dict[str, set[str]] = {}
    made = {}
    for name, names in waits.items():
        above[name] = {further for before in names for further in above[before]}
        made[name] = [before for before in names if before not in above[name]]
        above[name].update(names)
    return made


def _layers(waits: _Waits) -> dict[str, int]:
    layers: dict[str, int] = {}
    for name, names in waits.items():
        layers[name] = 1 + max((layers[before] for before in names), default=-1)
    return layers


def _places(waits: _Waits, layers: Mapping[str, int]) -> dict[_Place, tuple[float, float]]:
    """The upper left corner of each step, and of each place through which an edge passes."""
    rows: list[list[_Place]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for name, at in layers.items():
        reach = max((layers[later] for later, names in waits.items() if name in names), default=at + 1)
        for layer, row in enumerate(rows[at : max(at + 1, reach)], at):
            row.append((name, layer))
    order: dict[_Place, float] = {}
    for row in rows:
        row.sort(key=lambda place: _wish(place, waits, layers, order))
        order |= {place: number - (len(row) - 1) / 2 for number, place in enumerate(row)}
    middle = max((len(row) for row in rows), default=1) / 2 - 0.5
    return {
        place: (_PAD + place[1] * (BOX_WIDTH + _GAP_X), _PAD + (order[place] + middle) * (BOX_HEIGHT + _GAP_Y))
        for row in rows
        for place in row
    }


def _wish(place: _Place, waits: _Waits, layers: Mapping[str, int], order: Mapping[_Place, float]) -> float:
    """Where it would like to be: beside what it comes from."""
    name, layer = place
    sources = [name] if layer > layers[name] else waits[name]
    found = [order[source, layer - 1] for source in sources if (source, layer - 1) in order]
    return sum(found) / len(found) if found else 0.0


def _path(places: Mapping[_Place, tuple[float, float]], layers: Mapping[str, int], one: str, other: str) -> str:
    """From the right side of one box, through the places that it passes, to the left side of the other."""
    x, y = places[one, layers[one]]
    points = [(x + BOX_WIDTH, y + BOX_HEIGHT / 2)]
    for layer in range(layers[one] + 1, layers[other]):
        x, y = places[one, layer]
        points += [(x, y + BOX_HEIGHT / 2), (x + BOX_WIDTH, y + BOX_HEIGHT / 2)]
    x, y = places[other, layers[other]]
    points.append((x - 5, y + BOX_HEIGHT / 2))
    text = f"M{points[0][0]:g} {points[0][1]:g}"
    for (x1, y1), (x2, y2) in pairwise(points):
        bend = (x2 - x1) / 2
        text += f" C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
    return text


def _follows(path: Sequence[str], one: str, other: str) -> bool:
    return (one, other) in pairwise(path)


def _beside(one: tuple[float, float], other: tuple[float, float]) -> str:
    """From box to box, up or down within a layer, else across."""
    (x1, y1), (x2, y2) = one, other
    if x1 != x2:
        ends = (x1 + BOX_WIDTH, x2 - 5) if x1 < x2 else (x1, x2 + BOX_WIDTH + 5)
        return f"M{ends[0]:g} {y1 + BOX_HEIGHT / 2:g} L{ends[1]:g} {y2 + BOX_HEIGHT / 2:g}"
    down = y1 < y2
    ends = (y1 + BOX_HEIGHT, y2 - 5) if down else (y1, y2 + BOX_HEIGHT + 5)
    middle = x1 + BOX_WIDTH / 2
    if abs(y2 - y1) <= BOX_HEIGHT + _GAP_Y:
        return f"M{middle:g} {ends[0]:g} L{middle:g} {ends[1]:g}"
    # Past the boxes between them, on their right.
    out, right = x1 + BOX_WIDTH + 22, x1 + BOX_WIDTH
    y1, y2 = y1 + BOX_HEIGHT / 2, y2 + BOX_HEIGHT / 2
    return f"M{right:g} {y1:g} C{out:g} {y1:g} {out:g} {y2:g} {right + 5:g} {y2:g}"


def _short(name: str) -> str:
    return name if len(name) <= _LETTERS else name[: _LETTERS - 1] + "…"
