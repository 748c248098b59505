"""The same change proposed for several bottlenecks is one; changes that do not go together say so."""

from collections.abc import Iterable
from dataclasses import replace

from tachograph.recommend.draft import AGAINST, Draft


def merged(drafts: Iterable[Draft]) -> list[Draft]:
    """Drafts of one kind about one thing as one, with the findings of all; in the order in which they came."""
    found: dict[tuple[str, str], Draft] = {}
    for draft in drafts:
        key = (draft.kind, draft.about)
        known = found.get(key)
        found[key] = draft if known is None else _both(known, draft)
    return list(found.values())


def _both(one: Draft, other: Draft) -> Draft:
    findings = {finding.id: finding for finding in (*one.findings, *other.findings)}
    return replace(
        one,
        findings=tuple(findings.values()),
        steps=tuple(dict.fromkeys((*one.steps, *other.steps))),
        touches=one.touches | other.touches,
        change=one.change or other.change,
        edit=one.edit or other.edit,
        recipe=one.recipe or other.recipe,
    )


def conflict(one: Draft, other: Draft) -> str:
    """Why two drafts do not go together as they are, empty where they do."""
    common = one.touches & other.touches
    if {finding.id for finding in one.findings} & {finding.id for finding in other.findings}:
        return "mends the same bottleneck, so their gains do not add up; choose one, or measure after each"
    if common and frozenset({one.kind, other.kind}) in AGAINST:
        return f"works against it at {', '.join(sorted(common)[:3])}; choose one"
    steps = sorted(name for name in common if "/" in name)
    if steps and one.change is not None and other.change is not None:
        return f"changes the same steps ({', '.join(steps[:3])}); apply one, measure it, then look again"
    return ""
