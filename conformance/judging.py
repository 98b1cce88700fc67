"""Replies to records, and records to a certificate: what running and re-judging have in common."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.caselist import LockedList, Selection
from conformance.cases import BEHAVIOURS, Case
from conformance.catalogue.foundations import rests_on
from conformance.catalogue.versions import since
from conformance.compare import Judgement, Status, judge
from conformance.record import Record
from conformance.results import Reply, Results, reply_digest
from conformance.runner import DEADLINE, ENGINES
from conformance.verdict import Run, Verdict, decide
from conformance.waivers import apply_waivers, load_waivers, version_key


@dataclass(frozen=True)
class Certificate:
    """What a run ends with. `folder` is where its results lie, unless nothing was written."""

    verdict: Verdict
    results: Results
    folder: Path | None = None


def decide_run(
    run: Run,
    locked: LockedList,
    records: Sequence[Record],
    *,
    selection: Selection,
    date: str,
    deadline: float,
    engine: str,
) -> tuple[Verdict, list[Record]]:
    """The verdict, and the records with waivers applied. Waivers are those of the engine that the user named."""
    marked, uses = apply_waivers(
        records,
        load_waivers(engine),
        version=run.version,
        date=dt.date.fromisoformat(date),
        profile=run.profile,
        device=run.device.partition(":")[0],
        complete=not selection and not run.fault and locked.official,
    )
    marked = blocked(marked)
    unofficial = [
        *([f"fault {run.fault} is planted"] if run.fault else []),
        *([f"the deadline of {deadline:g} s is above {DEADLINE:g} s"] if deadline > DEADLINE else []),
        *([] if locked.official else [f"the list {locked.name} is not a locked one"]),
    ]
    return decide(locked, marked, run=run, waivers=uses, selection=selection, unofficial=unofficial), marked


def blocked(records: Sequence[Record]) -> list[Record]:
    """The records, where a wrong answer rests on a behaviour that failed itself: blocked by that, and no news."""
    failed = {r.requirement for r in records if r.status in _BROKEN}
    return [_blocked(r, failed) if r.status in (Status.FAIL, Status.ERROR) else r for r in records]


_BROKEN = (Status.FAIL, Status.ERROR, Status.CRASH, Status.TIMEOUT)


def _blocked(record: Record, failed: Collection[str]) -> Record:
    behaviour = BEHAVIOURS.get(record.requirement)
    by = next((i for i in rests_on(behaviour) if i in failed), "") if behaviour else ""
    if not by:
        return record
    reason = f"rests on {by}, which fails; {record.reason}"
    return replace(record, status=str(Status.BLOCKED), reason=reason, details={**record.details, "by": by})


def judge_case(case: Case, reply: Reply, *, pytorch: str = "") -> Record:
    """A case and the judgement of its reply, as a journal line. `pytorch` is its version, where it is PyTorch."""
    judgement = _outside_version(case, pytorch) or _judge(case, reply)
    return Record(
        case.id,
        case.requirement,
        case.level,
        case.profile,
        case.dtype,
        str(judgement.status),
        judgement.grade,
        judgement.reason,
        dict(judgement.details),
        reply_digest(reply),
        dict(case.facets or {}),
    )


def _judge(case: Case, reply: Reply) -> Judgement:
    if reply["status"] in ("not-run", "flaky"):
        differences = {"differences": reply["differences"]} if reply.get("differences") else {}
        return Judgement(Status(reply["status"]), reply["reason"], details=differences)
    try:
        return judge(case.expectations, reply)
    except Exception as error:  # noqa: BLE001 - a comparator that raises is a fault of the suite, which the verdict says
        return Judgement(Status.INCONCLUSIVE, f"the comparator raised {type(error).__name__}: {error}")


def _outside_version(case: Case, pytorch: str) -> Judgement | None:
    """PyTorch is not held to what it documents in other versions only; whoever imitates it chooses no version."""
    behaviour = BEHAVIOURS.get(case.requirement)
    if behaviour is None or not pytorch:
        return None
    version = version_key(pytorch)
    first = since(case)
    if first and version < version_key(first):
        return Judgement(Status.VERSION, f"documented since PyTorch {first}")
    if behaviour.until and version > version_key(behaviour.until):
        return Judgement(Status.VERSION, f"documented until PyTorch {behaviour.until}")
    return None


def pytorch_version(target: str, version: str) -> str:
    """The version, where the adapter is ours for PyTorch; empty for everything else, whatever it calls itself."""
    return version if target == ENGINES["torch"] else ""
