"""The locked list and the records of a run, to a verdict. Pure, and the only place that decides.

It walks the list, not the records: a case without a record was not run, so that skipping can never help.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.caselist import LockedList, Selection
from conformance.cases import MUST
from conformance.compare import Status
from conformance.errors import SuiteFault
from conformance.record import Record
from conformance.tally import PASSED, Tally, some
from conformance.waivers import Use

__all__ = ["EXIT_CODES", "Record", "Run", "Verdict", "decide", "worst_exit"]

CERTIFIED, WITH_WAIVERS, NOT_CERTIFIED = "certified", "certified with waivers", "not certified"
PARTIAL, INVALID, SUITE_FAULT = "partial", "invalid", "suite fault"
EXIT_CODES: Mapping[str, int] = {
    CERTIFIED: 0,
    NOT_CERTIFIED: 1,
    INVALID: 10,
    SUITE_FAULT: 11,
    WITH_WAIVERS: 12,
    PARTIAL: 13,
}
_WORST_FIRST = (4, 11, 10, 1, 13, 12, 0)
_BROKEN = (Status.CRASH, Status.TIMEOUT, Status.FLAKY)
_SHOWN = 12  # reasons of one sort that are named; the others are counted


@dataclass(frozen=True)
class Run:
    """What was run: an engine of a version, on a device, for a profile; over redrawn cases where a nonce challenges it."""

    engine: str
    version: str
    profile: str = "imperative"
    device: str = "cpu"
    fault: str = ""
    challenge: str = ""

    @property
    def label(self) -> str:
        return f"{self.engine} {self.version}{f' with fault {self.fault}' if self.fault else ''}"


@dataclass(frozen=True)
class Verdict:
    """What a whole run says of an engine: the verdict, a sentence with every denominator, the counts behind it."""

    run: Run
    verdict: str
    sentence: str
    counts: Mapping[str, int]
    by_level: Mapping[str, Mapping[str, int]]
    behaviours: Mapping[str, Any]
    operators: Mapping[str, Any]
    dtype_copies: Mapping[str, Any]
    list: Mapping[str, Any]
    lock_sha256: str
    waivers: tuple[Mapping[str, Any], ...] = ()
    reasons: tuple[str, ...] = ()
    weakens: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.verdict]

    @property
    def engine(self) -> str:
        return self.run.engine

    @property
    def version(self) -> str:
        return self.run.version

    @property
    def profile(self) -> str:
        return self.run.profile

    @property
    def device(self) -> str:
        return self.run.device

    def to_json(self, environment: Mapping[str, Any]) -> dict[str, Any]:
        """The content of verdict.json."""
        return {
            "format": 1,
            "engine": self.engine,
            "version": self.version,
            "profile": self.profile,
            "device": self.device,
            "fault": self.run.fault,
            "verdict": self.verdict,
            "sentence": self.sentence,
            "exit_code": self.exit_code,
            "counts": dict(self.counts),
            "by_level": {level: dict(counts) for level, counts in self.by_level.items()},
            "behaviours": dict(self.behaviours),
            "operators": dict(self.operators),
            "dtype_copies": dict(self.dtype_copies),
            "list": dict(self.list),
            "lock_sha256": self.lock_sha256,
            "waivers": list(self.waivers),
            "reasons": list(self.reasons),
            "weakens": list(self.weakens),
            "environment": dict(environment),
        }


def worst_exit(codes: Iterable[int]) -> int:
    """The exit code of several engines: usage, suite fault, invalid, not certified, partial, waivers, certified.

    >>> worst_exit([0, 12, 1]), worst_exit([13, 12]), worst_exit([1, 10])
    (1, 13, 10)
    """
    given = set(codes)
    if not given or given - set(_WORST_FIRST):
        raise SuiteFault(f"exit codes {sorted(given)} are not among {sorted(_WORST_FIRST)}")
    return next(code for code in _WORST_FIRST if code in given)


def decide(
    locked: LockedList,
    records: Sequence[Record],
    *,
    run: Run,
    waivers: Sequence[Use] = (),
    selection: Selection | None = None,
    unofficial: Sequence[str] = (),
) -> Verdict:
    """The verdict of a run over a locked list.

    `unofficial` holds what sets the run apart from an official one (a longer deadline, a planted fault, a list that
    is not locked): it cannot win a certificate, and takes none of the other verdicts away.
    """
    tally = Tally(locked, records)
    verdict, reasons = _challenged(tally) if run.challenge else _verdict(tally, waivers, selection, unofficial)
    return Verdict(
        run=run,
        verdict=verdict,
        sentence=_sentence(tally, run, verdict, reasons),
        counts=tally.counts,
        by_level=tally.by_level,
        behaviours=tally.behaviours.to_json(),
        operators=tally.operators.to_json(),
        dtype_copies=tally.dtype_copies,
        list={"name": locked.name, "sha256": locked.sha256, "cases": len(locked.entries)},
        lock_sha256=locked.lock_sha256,
        waivers=tuple(use.to_json() for use in waivers),
        reasons=tuple(reasons),
        weakens=tuple(_weakens(tally, unofficial)),
    )


def _challenged(tally: Tally) -> tuple[str, list[str]]:
    """The verdict over redrawn cases: they can speak against an engine, and not certify it."""
    if tally.with_status(Status.INCONCLUSIVE):
        return SUITE_FAULT, _named(tally.with_status(Status.INCONCLUSIVE), "inconclusive")
    contradictions = tally.contradictions()
    if contradictions:
        return INVALID, contradictions
    against = _against(tally)
    if against:
        return NOT_CERTIFIED, against
    return PARTIAL, [
        "a challenge was run, which can speak against an engine and does not; only the whole list certifies"
    ]


def _verdict(
    tally: Tally, waivers: Sequence[Use], selection: Selection | None, unofficial: Sequence[str]
) -> tuple[str, list[str]]:
    """The verdict and what it rests on, from the gravest down."""
    if tally.with_status(Status.INCONCLUSIVE):
        return SUITE_FAULT, _named(tally.with_status(Status.INCONCLUSIVE), "inconclusive")
    contradictions = tally.contradictions()
    if contradictions:
        return INVALID, contradictions
    if selection:
        return PARTIAL, ["a selection was run, not the whole list", *_against(tally, selected=True)]
    against = [*_against(tally), *(use.problem for use in waivers if use.problem)]
    if against:
        return NOT_CERTIFIED, against
    if unofficial:
        return INVALID, [f"nothing speaks against the engine, but the run is not official: {'; '.join(unofficial)}"]
    waived = tally.by_level[MUST].get(Status.WAIVED, 0)  # below must a failure costs no certificate, waived or not
    return (WITH_WAIVERS, [f"{waived} must-cases are waived"]) if waived else (CERTIFIED, [])


def _against(tally: Tally, *, selected: bool = False) -> list[str]:
    """Everything that speaks against a certificate. In a selection, what was not selected does not."""
    broken = [r for status in _BROKEN for r in tally.with_status(status)]
    reasons = _named(broken, "must not happen at any level")
    must = [r for r in tally.records if r.level == MUST and r.status not in _BROKEN]
    reasons += _missing_features([r for r in must if r.status == Status.UNSUPPORTED])
    reasons += _named([r for r in must if r.status in (Status.FAIL, Status.ERROR, Status.BLOCKED)], "must pass")
    if selected:
        return reasons
    absent = tally.with_status(Status.NOT_RUN)
    if absent:
        why = Counter(r.reason for r in absent).most_common(1)[0][0]
        reasons.append(f"{len(absent)} of {len(tally.records)} cases of the list were not run: {why or 'no record'}")
    idle = tally.behaviours.must_not_executed
    if idle:
        reasons.append(f"{len(idle)} must-behaviours were not executed: {some(idle)}")
    return reasons


def _missing_features(records: Sequence[Record]) -> list[str]:
    features = Counter(str(r.details.get("feature", r.reason)) for r in records)
    return [
        f"lacks {feature}, which {n} must-cases need"
        for feature, n in sorted(features.items(), key=lambda i: (-i[1], i))
    ]


def _named(records: Sequence[Record], why: str) -> list[str]:
    named = [f"{r.case}: {r.status}, {why} ({r.reason})" for r in records[:_SHOWN]]
    rest = len(records) - len(named)
    return [*named, f"and {rest} more of that sort"] if rest else named


def _weakens(tally: Tally, unofficial: Sequence[str]) -> list[str]:
    """What a reader should know that costs no certificate."""
    found = [f"not official: {fact}" for fact in unofficial]
    for level in (level for level in tally.by_level if level != MUST):
        counts = tally.by_level[level]
        found += [
            f"{counts[status]} of {sum(counts.values())} {level}-cases: {status}"
            for status in sorted(counts)
            if status not in PASSED
        ]
    for status in (Status.WAIVED, Status.PERMITTED, Status.VERSION):
        if tally.by_level.get(MUST, {}).get(status):
            found.append(f"{tally.by_level[MUST][status]} must-cases: {status}")
    inaccurate = sum(r.grade == "inaccurate" for r in tally.records)
    return (
        [*found, f"{inaccurate} cases are inaccurate: above the tolerance, below 4 u of the scale"]
        if inaccurate
        else found
    )


def _sentence(tally: Tally, run: Run, verdict: str, reasons: Sequence[str]) -> str:
    """One paragraph that can stand alone: the verdict with every denominator."""
    must = tally.by_level.get(MUST, {})
    passed = sum(must.get(status, 0) for status in PASSED)
    statuses = ", ".join(f"{n} {status}" for status, n in tally.counts.items())
    copies = tally.dtype_copies
    facts = [
        f"{passed} of {sum(must.values())} must-cases pass",
        f"{tally.executed} of {len(tally.records)} cases of the list {tally.locked.name} executed ({statuses})",
        tally.behaviours.words("behaviours"),
        tally.operators.words("operators"),
        f"{copies['distinct']} distinct cases and {copies['copies']} copies in other dtypes",
    ]
    because = (
        f" Reason{'s' * (len(reasons) > 1)}: {'; '.join(reasons[:3])}{'; …' if len(reasons) > 3 else ''}."
        if reasons
        else ""
    )
    challenge = f", challenge {run.challenge}" if run.challenge else ""
    return f"{run.label} on {run.device}, profile {run.profile}{challenge}: {verdict}. {'; '.join(facts)}.{because}"
