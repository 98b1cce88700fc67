"""From the answers of one operator to the kind of wrong: where it goes wrong and where not, then how it looks there."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.diagnosis.evidence import Answer
from conformance.diagnosis.kinds import Diagnosis, Kind
from conformance.diagnosis.looks import look, unlike
from conformance.diagnosis.places import place, signs

_LOWER = {
    "vjp": ("value",),
    "jvp": ("value", "vjp"),
    "order2": ("value", "vjp", "jvp"),
    "order3": ("value", "vjp", "jvp", "order2"),
}
"""What a group of cases rests on: where these go wrong in the same class, they are the cause."""


def diagnose(failed: Sequence[Answer], siblings: Sequence[Answer]) -> Diagnosis | None:
    """What kind of wrong the failed answers of one operator are, beside all its answers; None where nothing can be said.

    All wrong answers of the group are looked at together: what varies between them is what tells.
    """
    if not failed:
        return None
    group = failed[0].facet("group")
    if not group:  # a documented behaviour, whose cases vary nothing
        return look(failed)
    for lower in _LOWER.get(group, ()):
        causes = [a for a in _wrong(siblings, lower) if a.label in {b.label for b in failed}]
        if causes:
            return diagnose(causes, siblings)
    right = [a for a in siblings if a.facet("group") == group and a.is_right]
    everywhere = _wrong(siblings, group)
    return (
        place(everywhere, right)
        or _as_a_whole(group, failed, siblings)
        or look(everywhere)
        or signs(everywhere, right)
        or unlike(everywhere)
    )


def _wrong(answers: Sequence[Answer], group: str) -> list[Answer]:
    return [a for a in answers if a.facet("group") == group and a.is_wrong]


def _as_a_whole(group: str, failed: Sequence[Answer], siblings: Sequence[Answer]) -> Diagnosis | None:
    """Wrong all over the group, while what it rests on is right: the value, forward mode, or a higher order."""
    seen = look(failed)
    if seen is not None and seen.kind is Kind.DTYPE:
        return seen
    looks = f"; {seen}" if seen else ""
    if group == "value":
        return Diagnosis(Kind.VALUE, f"the value is wrong, whatever is differentiated{looks}")
    first = [a for a in siblings if a.facet("group") == "vjp" and a.is_right]
    if group == "jvp" and first:
        return Diagnosis(Kind.FORWARD, f"forward mode only: reverse mode is right in {_cases(first)}{looks}")
    if group in ("order2", "order3") and first:
        order = group[-1]
        return Diagnosis(Kind.ORDER, f"order {order} only: lower orders are right, the first in {_cases(first)}{looks}")
    return None


def _cases(answers: Sequence[Answer]) -> str:
    return f"{len(answers)} case{'s' * (len(answers) > 1)}"
