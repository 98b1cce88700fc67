"""Stored results judged again without the engine: for a comparator that was mended, or a stranger who verifies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from conformance.caselist import (
    LockedList,
    Selection,
    check_list,
    list_text,
    load_list,
    parse_list,
    profile_cases,
)
from conformance.cases import Case
from conformance.corpus.redrawn import read_cases
from conformance.judging import Certificate, decide_run, judge_case, pytorch_version
from conformance.results import Results, read_results, reply_digest
from conformance.runner import ENGINES
from conformance.verdict import Run


def rejudge(folder: Path, *, cases: Sequence[Case] | None = None, locked: LockedList | None = None) -> Certificate:
    """The certificate that today's comparator and list give to the stored observations; nothing is rewritten."""
    results = read_results(folder)
    line = results.run
    run = Run(*(line[name] for name in ("engine", "version", "profile", "device", "fault")), line.get("challenge", ""))
    device = run.device.partition(":")[0]
    if run.challenge and cases is None:
        cases = read_cases(folder)
        locked = parse_list(list_text(cases), line["list"], official=False)
    cases = profile_cases(run.profile, device) if cases is None else cases
    locked = load_list(run.profile, device) if locked is None else locked
    if locked.official:
        check_list(locked, cases)
    known = [case for case in cases if case.id in results.replies]
    pytorch = pytorch_version(line["target"], run.version)
    records = [judge_case(case, results.replies[case.id], pytorch=pytorch) for case in known]
    selection = _selection(line["selection"])
    engine = _named(line["target"])
    facts = {
        "selection": selection,
        "date": results.environment["date"],
        "deadline": line["deadline"],
        "engine": engine,
    }
    verdict, records = decide_run(run, locked, records, **facts)
    again = Results(results.environment, line, records, verdict.to_json(results.environment), lambda: results.replies)
    return Certificate(verdict, again, folder)


def _named(target: str) -> str:
    return next((name for name, known in ENGINES.items() if known == target), target)


def _selection(content: Mapping[str, Sequence[str]] | None) -> Selection:
    return Selection(tuple(content["select"]), tuple(content["operators"])) if content else Selection()


def verify(folder: Path, *, cases: Sequence[Case] | None = None, locked: LockedList | None = None) -> list[str]:
    """Every way in which results contradict themselves, the lock or today's judgement; none when they are sound."""
    stored = read_results(folder)
    problems = [
        f"{record.case}: the sidecar's reply is not the one that was judged"
        for record in stored.records
        if record.case not in stored.replies or reply_digest(stored.replies[record.case]) != record.observed
    ]
    extra = set(stored.replies) - {record.case for record in stored.records}
    problems += [f"{case}: the sidecar has a reply, the journal no line" for case in sorted(extra)]
    again = rejudge(folder, cases=cases, locked=locked)
    if (stored.run["list_sha256"], stored.run["lock_sha256"]) != (
        again.verdict.list["sha256"],
        again.verdict.lock_sha256,
    ):
        problems.append("the run was over another locked list than the one here; verify it with the suite that made it")
    return problems + _differences(stored, again.results)


def _differences(stored: Results, again: Results) -> list[str]:
    judged = {record.case: record for record in again.records}
    problems = [
        f"{record.case}: the journal says {record.status}, judging again says {judged[record.case].status}"
        for record in stored.records
        if record.case in judged and record.to_json() != judged[record.case].to_json()
    ]
    return problems + [
        f"verdict.json says {key} = {stored.verdict[key]!r}, deciding again says {again.verdict[key]!r}"
        for key in ("verdict", "sentence", "exit_code", "counts", "environment")
        if stored.verdict[key] != again.verdict[key]
    ]
