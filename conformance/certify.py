"""One engine, end to end: the list, the run, the judgements, the verdict, the results."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.caselist import DEFAULT_PROFILE, LockedList, Selection, check_list, choose, load_list, profile_cases
from conformance.cases import Case
from conformance.corpus.redrawn import write_cases
from conformance.errors import AdapterError, without_places
from conformance.judging import Certificate, decide_run, judge_case, pytorch_version
from conformance.offline import rejudge, verify
from conformance.protocol.messages import Hello
from conformance.rawlog import RawLog, make_ignored_folder
from conformance.record import Record
from conformance.repeats import agreed
from conformance.results import Reply, Results, check_writable, folder_name, write_results
from conformance.runner import DEADLINE, MEMORY, RESTARTS, STARTUP, EngineSpec, execute
from conformance.smoke import Smoke
from conformance.verdict import Run

__all__ = ["Certificate", "certify", "conclude", "judge_case", "rejudge", "verify"]

VOLATILE = ".conformance"
"""The folder under the output that holds the raw logs of a run that is not finished."""


def certify(
    spec: EngineSpec,
    *,
    profile: str = DEFAULT_PROFILE,
    workers: int | None = None,
    output: Path | None = Path("reports"),
    selection: Selection = Selection(),  # noqa: B008 - frozen
    resume: bool = False,
    deadline: float = DEADLINE,
    startup: float = STARTUP,
    restarts: int = RESTARTS,
    memory: float = MEMORY,
    repeats: int = 1,
    on_start: Callable[[int, Hello], None] | None = None,
    on_record: Callable[[Record], None] | None = None,
    cases: Sequence[Case] | None = None,
    locked: LockedList | None = None,
    challenge: str = "",
) -> Certificate:
    """The certificate of an engine over a profile's locked list, written under `output`.

    With `resume`, what an interrupted run of the same engine and list has left in its raw logs is not run again. With
    `repeats` above one, cases whose answers differ are flaky. `cases` and `locked` put a list of the caller's own in
    the place of the profile's; `challenge` is the nonce that their inputs were drawn from, and keeps them beside the
    results.

    *errors*: `UsageError` before any case is run, where the selection fits nothing or the folder cannot be written;
    `CorpusError` where the cases are not what the locked list says; `AdapterError` where the engine does not start, or
    its adapter fails the checks that come before the profile's list.
    """
    device = spec.device.partition(":")[0]
    count = workers or _cores()
    smoke = Smoke(spec.label, count) if cases is None and not spec.fault else None  # a fault is planted on purpose
    cases = profile_cases(profile, device, selection) if cases is None else cases
    if locked is None:
        locked = load_list(profile, device)
    chosen = sorted(choose(cases, selection), key=lambda case: case.id)
    if locked.official:
        check_list(locked, chosen, partial=bool(selection))
    if output is not None:
        check_writable(output)
    job = _Job(spec, profile, locked, selection, deadline, output, resume, on_start, on_record, challenge, len(chosen))
    job.smoke = smoke
    limits = {"workers": count, "deadline": deadline, "startup": startup, "restarts": restarts, "memory": memory}
    try:
        first = [*(smoke.cases if smoke else ()), *chosen]
        answers = execute(spec, first, on_hello=job.begin, on_reply=job.take, **limits)
    except AdapterError:
        job.forget()
        raise
    replies = {case.id: answers[case.id] for case in chosen}
    replies = agreed(replies, (execute(spec, chosen, **limits) for _ in range(repeats - 1)))
    return job.finish(chosen, replies, count)


def conclude(
    spec: EngineSpec,
    hello: Hello,
    cases: Sequence[Case],
    replies: Mapping[str, Reply],
    *,
    profile: str = DEFAULT_PROFILE,
    output: Path | None = Path("reports"),
    selection: Selection = Selection(),  # noqa: B008 - frozen
    workers: int = 1,
    started: float | None = None,
    locked: LockedList | None = None,
) -> Certificate:
    """The certificate from replies that were collected elsewhere, such as by pytest; cases without one were not run."""
    locked = load_list(profile, spec.device.partition(":")[0]) if locked is None else locked
    ran = sorted((case for case in cases if case.id in replies), key=lambda case: case.id)
    if locked.official:
        check_list(locked, ran, partial=bool(selection))
    job = _Job(spec, profile, locked, selection, DEADLINE, output)
    job.started = started or job.started
    job.introduce(hello)
    return job.finish(ran, replies, workers)


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@dataclass
class _Job:
    """A run in progress."""

    spec: EngineSpec
    profile: str
    locked: LockedList
    selection: Selection
    deadline: float
    output: Path | None
    resume: bool = False
    on_start: Callable[[int, Hello], None] | None = None
    on_record: Callable[[Record], None] | None = None
    challenge: str = ""
    total: int = 0
    hello: Hello = field(default=Hello("", ""), init=False)
    run: Run = field(default=Run("", ""), init=False)
    folder: Path | None = field(default=None, init=False)
    log: RawLog | None = field(default=None, init=False)
    smoke: Smoke | None = field(default=None, init=False)
    judged: dict[str, tuple[Reply, Record]] = field(default_factory=dict)
    started: float = field(default_factory=time.time)

    def introduce(self, hello: Hello) -> None:
        """The engine has said who it is: the folder of its results is known, and whether it can be written."""
        self.hello = hello
        self.run = Run(hello.engine, hello.version, self.profile, self.spec.device, self.spec.fault, self.challenge)
        if self.output is not None:
            self.folder = self.output / folder_name(self.run, partial=bool(self.selection))
            check_writable(self.folder)

    def begin(self, hello: Hello) -> RawLog | None:
        """As `introduce`, and opens the raw log of a run that is about to begin."""
        self.introduce(hello)
        if self.output is not None:
            make_ignored_folder(self.output / VOLATILE)
            volatile = self.output / VOLATILE / folder_name(self.run, partial=bool(self.selection))
            self.log = RawLog(volatile, self._run_line())
            if not self.resume:
                self.log.clear()
        if self.on_start is not None:
            self.on_start(self.total, hello)
        return self.log

    @property
    def _pytorch(self) -> str:
        return pytorch_version(self.spec.target, self.run.version)

    def take(self, case: Case, reply: Reply) -> None:
        """Judges an answer while the engine works on the next ones."""
        if self.smoke is not None and case in self.smoke:
            self.smoke.take(case, reply)
            return
        record = judge_case(case, reply, pytorch=self._pytorch)
        self.judged[case.id] = reply, record
        if self.on_record is not None:
            self.on_record(record)

    def forget(self) -> None:
        """Nothing of the run is to be gone on with: the adapter will be another one."""
        if self.log is not None:
            self.log.clear()

    def finish(self, cases: Sequence[Case], replies: Mapping[str, Reply], workers: int) -> Certificate:
        records = [self._record(case, replies[case.id]) for case in cases]
        environment = self._environment(replies, workers)
        verdict, records = decide_run(
            self.run,
            self.locked,
            records,
            selection=self.selection,
            date=environment["date"],
            deadline=self.deadline,
            engine=self.spec.name,
        )
        results = Results(environment, self._run_line(), records, verdict.to_json(environment), lambda: replies)
        if self.folder is not None:
            write_results(self.folder, results)
            if self.challenge:
                write_cases(self.folder, cases)
        if self.log is not None:
            shutil.rmtree(self.log.folder, ignore_errors=True)
        return Certificate(verdict, results, self.folder)

    def _record(self, case: Case, reply: Reply) -> Record:
        """The judgement that was made on the way, unless the reply has changed since: flaky, or not run after all."""
        seen = self.judged.get(case.id)
        if seen is not None and seen[0] is reply:
            return seen[1]
        return judge_case(case, reply, pytorch=self._pytorch)

    def _run_line(self) -> dict[str, Any]:
        return {
            "format": 1,
            "engine": self.run.engine,
            "version": self.run.version,
            "target": self.spec.target,
            "profile": self.profile,
            "device": self.spec.device,
            "fault": self.spec.fault,
            "deadline": self.deadline,
            "selection": self.selection.to_json() if self.selection else None,
            "list": self.locked.name,
            "list_sha256": self.locked.sha256,
            "lock_sha256": self.locked.lock_sha256,
        } | ({"challenge": self.challenge} if self.challenge else {})

    def _environment(self, replies: Mapping[str, Reply], workers: int) -> dict[str, Any]:
        begun = dt.datetime.fromtimestamp(self.started, dt.UTC)
        return {
            "date": begun.date().isoformat(),
            "started": begun.isoformat(timespec="seconds"),
            "seconds": round(time.time() - self.started, 3),
            "python": platform.python_version(),
            "platform": platform.platform(),
            "suite": _suite_version(),
            "workers": workers,
            "engine": dict(self.hello.environment),
            "features": list(self.hello.features),
            "stderr": {case: without_places(r["stderr"]) for case, r in sorted(replies.items()) if r.get("stderr")},
        }


def _suite_version() -> str:
    try:
        return importlib.metadata.version("refgrad")
    except importlib.metadata.PackageNotFoundError:
        return "a checkout that is not installed"
