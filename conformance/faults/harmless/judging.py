"""False alarms: every harmless variant judged on the cases that it touches, frozen ones and those of fresh challenges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

from conformance.cases import MUST, Case
from conformance.compare import judge
from conformance.errors import SuiteFault
from conformance.faults.harmless.registry import HARMLESS, Variant, load_variants
from conformance.faults.kills import KILLING, PLANTED, Healthy, answer, asked, process
from conformance.profiles import Selection

NONCES = ("selfcheck, the first", "selfcheck, the second", "selfcheck, the third")
"""Of the challenges. Nothing in the suite was chosen by looking at what they give."""
REDRAWN = 300
"""Cases of each challenge, shared by all variants."""
_FROZEN = 400  # of the frozen cases that a variant touches, spread evenly
_START, _DEADLINE = 60.0, 10.0


@dataclass(frozen=True)
class Alarm:
    """A must-case that objects to a variant, and not to the engine as it is."""

    case: str
    reason: str


@dataclass(frozen=True)
class Judged:
    """A variant, how many cases it was judged on, and those that object."""

    variant: Variant
    frozen: int
    redrawn: int
    alarms: tuple[Alarm, ...]

    @property
    def unexpected(self) -> bool:
        """Whether there are alarms that are not known, or none where some are."""
        return bool(self.alarms) is not bool(self.variant.alarm)


def redrawn_cases(*, nonces: Sequence[str] = NONCES, number: int = REDRAWN, processes: int = 1) -> list[Case]:
    """The cases of the challenges, of those operators only that variants touch."""
    from conformance.challenge import challenge  # draws by Hypothesis, which an engine's own environment lacks

    operators = sorted({name for v in load_variants().values() for name in v.operators})
    return [
        case
        for nonce in nonces
        for case in challenge(nonce, Selection(operators=tuple(operators)), number, processes=processes).cases
    ]


def judge_variants(
    frozen: Sequence[Case], redrawn: Sequence[Case], *, names: Sequence[str] = (), workers: int = 2
) -> Iterator[Judged]:
    """Every variant (or those named) judged, in their order."""
    chosen = [v for name, v in sorted(load_variants().items()) if not names or name in names]
    with closing(Healthy("refgrad")) as healthy, ThreadPoolExecutor(workers) as pool:
        yield from pool.map(lambda v: _judged(v, frozen, redrawn, healthy), chosen)


def _judged(variant: Variant, frozen: Sequence[Case], redrawn: Sequence[Case], healthy: Healthy) -> Judged:
    touched = [c for c in frozen if variant.touches(c)]
    old = [c for c in touched if _is_telling(c)] + touched[:: max(1, len(touched) // _FROZEN)]
    old = list({c.id: c for c in old}.values())
    new = [c for c in redrawn if variant.touches(c)]
    alarms = []
    with process(f"{HARMLESS}{variant.name}", "refgrad") as child:
        if answer(child, _START) != PLANTED:
            raise SuiteFault(f"variant {variant.name} cannot be planted; its patch does not fit refgrad any more")
        for case in (*old, *new):
            found = judge(case.expectations, asked(child, case, _DEADLINE))
            if case.level == MUST and found.status in KILLING and healthy.judge(case).status not in KILLING:
                alarms.append(Alarm(case.id, found.reason))
    return Judged(variant, len(old), len(new), tuple(alarms))


def _is_telling(case: Case) -> bool:
    """Whether it is about a kink or a tie, where conventions differ; of these none is left out."""
    return (case.facets or {}).get("region") in ("kink", "tie")
