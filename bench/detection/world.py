"""What executions share: clock, machines, locks, the weather of the day; and the spans that they leave."""

import hashlib
import math
from collections.abc import Generator
from typing import Any

import simpy

from detection import spans as name
from detection.agency import Agency, Release, Server, Tool
from detection.arrivals import DAY, Run, busy
from detection.chance import Chance, autocorrelated, spread
from detection.spans import Span

BLOCK = 600.0  # pressure of the host changes every ten minutes
Work = Generator[simpy.Event, Any, Any]


class World:
    """One agency and its time."""

    def __init__(self, agency: Agency) -> None:
        self.agency = agency
        self.environment = simpy.Environment()
        self.spans: list[Span] = []
        self.locks = {tool.lock: simpy.Resource(self.environment) for tool in agency.tools.values() if tool.lock}
        self.using = dict.fromkeys(agency.tools, 0)
        weather = Chance(agency.seed, "weather")
        self.days = autocorrelated(weather.of("days"), agency.days + 3, agency.day_phi, agency.day_sigma)
        blocks = int((agency.days + 3) * DAY / BLOCK)
        self.blocks = {each: autocorrelated(weather.of(each), blocks, 0.93, 0.8) for each in agency.pressure}

    # --- what executions see of the world ---

    @property
    def now(self) -> float:
        return self.environment.now

    def wait(self, seconds: float) -> simpy.Event:
        return self.environment.timeout(max(seconds, 0.0))

    def pressure(self, kind: str, moment: float) -> float:
        """0 to 1: more in busy hours, and in spells of some tens of minutes."""
        level = self.agency.pressure[kind]
        spell = self.blocks[kind][int(moment / BLOCK) % len(self.blocks[kind])]
        logit = math.log(level / (1 - level)) + 1.2 * (busy(moment) - 0.5) + 1.3 * spell
        return 1 / (1 + math.exp(-logit))

    def weather(self) -> float:
        return math.exp(self.days[int(self.now / DAY)])

    def release(self, run: Run, kind: str, called: str) -> Release | None:
        """Which release of this name is used in this execution, drawn once an execution."""
        key = (kind, called)
        if key not in run.versions:
            found = next((each for each in self.agency.releases if (each.kind, each.name) == key), None)
            run.versions[key] = found
        return run.versions[key]

    def is_new(self, run: Run, release: Release) -> bool:
        share = (run.day - release.first_day) / max(release.last_day - release.first_day, 1e-6)
        if release.to_harder and 0 < share < 1:
            share = min(max(share + (0.45, 0.1, -0.45)[2 - run.complexity], 0), 1)
        return run.chance.of("release", release.kind, release.name).random() < share

    # --- spans ---

    def open(self, run: Run, parent: Span | None, called: str, service: str, attributes: dict[str, Any]) -> Span:
        span_id = f"{run.ids.getrandbits(64):016x}"
        return Span(run.trace, span_id, parent, called, service, self.now, {**run.common(), **attributes})

    def close(self, span: Span, error: str = "", message: str = "") -> None:
        span.end, span.error, span.message = self.now, error, message
        if error:
            span.attributes["error.type"] = error
        self.spans.append(span)

    def feel(self, span: Span) -> None:
        """The host's pressure while the span ran, as the host would have told."""
        middle = (span.start + self.now) / 2
        for kind, attribute in name.PRESSURES.items():
            span.attributes[attribute] = round(self.pressure(kind, middle), 3)

    # --- tools ---

    def use(
        self, run: Run, parent: Span, tool: Tool, work: float, key: tuple[Any, ...], again: str = "", broken: str = ""
    ) -> Work:
        """One call of a tool; `again` is what makes it the same call as another one."""
        draw = run.chance.of("tool", tool.name, *key)
        noise, server_noise, fails = spread(draw, 0.35), spread(draw, 0.5), draw.random() < tool.failure
        facts: dict[str, Any] = {name.OPERATION: "execute_tool", name.TOOL: tool.name}
        facts.update({each: parent.attributes[each] for each in (name.AGENT, name.STEP) if each in parent.attributes})
        what = again or "/".join(map(str, (run.number, tool.name, *key)))
        user = self.agency.agents.get(parent.attributes.get(name.AGENT, ""))
        if user is None or user.tells_hash:
            facts[name.CALL_HASH] = digest(what)
        else:
            number = int(digest(what)[:6], 16)
            facts[name.ARGUMENTS] = f'{{"path": "src/part_{number}.py"}}'
        span = self.open(run, parent, f"execute_tool {tool.name}", "workers", facts)
        if tool.server:
            mirrored = tool.mirror and run.chance.of("mirror", tool.name, *key).random() < 0.5
            server = self.agency.servers[tool.mirror if mirrored else tool.server]
            yield from self._over_network(server, span, tool.seconds * noise, server_noise)
        else:
            yield from self._on_host(tool, tool.seconds * work * noise)
        self.feel(span)
        if broken:
            self.close(span, "tool_error", broken)
        elif fails:
            self.close(span, "tool_error", f"{tool.name}: exited with status {draw.choice((1, 2))}")
        else:
            self.close(span)

    def _over_network(self, server: Server, span: Span, seconds: float, server_noise: float) -> Work:
        span.attributes[name.SERVER], span.attributes[name.STATUS] = server.address, 200
        yield self.wait(seconds * self.weather() + server.extra_seconds * server_noise)

    def _on_host(self, tool: Tool, seconds: float) -> Work:
        if tool.lock:
            with self.locks[tool.lock].request() as turn:
                yield turn
                yield self.wait(seconds)
            return
        if tool.pressed_by:
            felt = max(self.pressure(tool.pressed_by, self.now) - tool.knee, 0.0) / (1 - tool.knee)
            seconds *= 1 + tool.sensitivity * felt
        if tool.shared:
            yield from self._shared(tool, seconds)
        else:
            yield self.wait(seconds)

    def _shared(self, tool: Tool, left: float) -> Work:
        """The machine is divided among those who use the tool at this moment."""
        self.using[tool.name] += 1
        while left > 1e-6:
            slowed = 1 + tool.shared * (self.using[tool.name] - 1)
            slice_ = min(left * slowed, 1.5)
            yield self.wait(slice_)
            left -= slice_ / slowed
        self.using[tool.name] -= 1


def digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
