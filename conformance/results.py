"""Results on disk: the journal, the sidecar with the raw observations, the verdict; schema-checked both ways.

Journal and sidecar are JSON lines, compressed: `xz -dc journal.jsonl.xz` shows them.

Every volatile fact stands in the journal's first line. The other lines are the same, byte for byte, however a run was
shared out, and each holds a digest of what the sidecar keeps for it.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from conformance.caselist import DEFAULT_PROFILE
from conformance.codec import canonical_json
from conformance.compare import Status
from conformance.errors import CorpusError, SuiteFault, UsageError
from conformance.protocol import schema
from conformance.record import Record
from conformance.verdict import Run

JOURNAL, SIDECAR, VERDICT = "journal.jsonl.xz", "observations.jsonl.xz", "verdict.json"
_FAST = 1  # of xz's presets: most of both files is digests and the bytes of floats, which no preset makes much smaller

Reply = Mapping[str, Any]


@dataclass(frozen=True)
class Results:
    """A run as it lies on disk. The replies are read when they are first asked for."""

    environment: Mapping[str, Any]
    run: Mapping[str, Any]
    records: Sequence[Record]
    verdict: Mapping[str, Any]
    load_replies: Callable[[], Mapping[str, Reply]] = field(default=dict, repr=False, compare=False)

    @cached_property
    def replies(self) -> Mapping[str, Reply]:
        """What the engine answered to each case."""
        return self.load_replies()


def stable(reply: Reply) -> dict[str, Any]:
    """A reply less what differs from run to run: the last words on standard error, which go to the environment."""
    return {key: value for key, value in reply.items() if key != "stderr"}


def reply_digest(reply: Reply) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a reply: what ties a journal line to the sidecar."""
    return hashlib.sha256(canonical_json(stable(reply)).encode()).hexdigest()[:16]


def folder_name(run: Run, *, partial: bool = False) -> str:
    """The folder of a run's results: engine and version, and whatever sets it apart from the usual full run on the CPU.

    >>> folder_name(Run("torch", "2.13.0+cpu")), folder_name(Run("a.b:C", "1", device="cuda"), partial=True)
    ('torch-2.13.0+cpu', 'a.b-C-1-cuda-partial')
    """
    parts = [run.engine, run.version]
    parts += [run.device] if run.device != "cpu" else []
    parts += [run.profile] if run.profile != DEFAULT_PROFILE else []
    parts += [f"fault-{run.fault}"] if run.fault else []
    parts += [f"challenge-{run.challenge}"] if run.challenge else []
    parts += ["partial"] if partial else []
    return re.sub(r"[^\w.+-]+", "-", "-".join(parts))


def check_writable(folder: Path) -> None:
    """Makes the folder if need be and tries it, so that a run does not end in vain."""
    probe = folder / ".conformance-probe"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}; choose another folder with --output") from None


def write_results(folder: Path, results: Results) -> None:
    """Writes journal, sidecar and verdict. Each file is replaced as a whole: no reader ever sees half of one."""
    check_writable(folder)
    _check(results.environment, "journal", "environment")
    _check(results.run, "journal", "run")
    _check(results.verdict, "verdict")
    records = sorted(results.records, key=lambda r: r.case)
    head = [{"environment": results.environment}, {"run": results.run}]
    replies = ({"case": case, "reply": stable(reply)} for case, reply in sorted(results.replies.items()))
    _replace(folder / SIDECAR, _packed(replies))
    _replace(folder / JOURNAL, _packed([*head, *map(_case_line, records)]))
    text = json.dumps(results.verdict, indent=2, ensure_ascii=False, allow_nan=False)
    _replace(folder / VERDICT, text.encode() + b"\n")


def _case_line(record: Record) -> dict[str, Any]:
    line = record.to_json()
    wrong = case_line_problem(line)
    if wrong:
        raise SuiteFault(f"the journal line of {record.case} breaks the schema: {wrong}")
    return line


def _check(content: Any, name: str, part: str = "") -> None:
    wrong = schema.problem(content, name, part)
    if wrong:
        raise SuiteFault(f"the {part or name} of these results breaks the schema: {wrong}")


def _packed(contents: Iterable[Mapping[str, Any]]) -> bytes:
    compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return lzma.compress(b"".join(compact.encode(c).encode() + b"\n" for c in contents), preset=_FAST)


def _replace(path: Path, content: bytes) -> None:
    """The file with this content; at any moment either the old one or the new one is there."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)  # noqa: PTH105 - the same call under the name that people know
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}; choose another folder with --output") from None


# reading


def read_results(folder: Path) -> Results:
    """The results in a folder, checked against the schemas.

    *errors*: `UsageError` where there are none, `CorpusError` where they are damaged.
    """
    path = folder / JOURNAL
    journal = list(_read_lines(path))
    if len(journal) < 2 or set(journal[0]) != {"environment"} or set(journal[1]) != {"run"}:
        raise _damaged(path, "it does not begin with the environment and the run")
    for line, part in zip(journal, ("environment", "run"), strict=False):
        wrong = schema.problem(line[part], "journal", part)
        if wrong:
            raise _damaged(path, wrong)
    verdict = _read_verdict(folder / VERDICT)
    records = [_read_record(path, number, line) for number, line in enumerate(journal[2:], 3)]
    return Results(
        journal[0]["environment"], journal[1]["run"], records, verdict, lambda: _read_replies(folder / SIDECAR)
    )


def read_records(folder: Path, cases: Collection[str]) -> list[Record]:
    """The records of these cases alone; every other line of the journal is passed over unread.

    *errors*: as `read_results`, of the lines that are read.
    """
    path = folder / JOURNAL
    starts = {f'{{"case":{json.dumps(case, ensure_ascii=False)},'.encode() for case in cases}
    lines = enumerate(_lines(path), 1)
    meant = [(number, line) for number, line in lines if line[: line.find(b'",') + 2] in starts]
    return [_read_record(path, number, _object(path, number, line)) for number, line in meant]


def _read_record(path: Path, number: int, line: Mapping[str, Any]) -> Record:
    wrong = case_line_problem(line)
    if wrong:
        raise _damaged(path, f"line {number}: {wrong}")
    return Record.from_json(line)


def _read_verdict(path: Path) -> dict[str, Any]:
    try:
        verdict = json.loads(_read(path))
    except ValueError as error:
        raise _damaged(path, str(error)) from None
    wrong = schema.problem(verdict, "verdict")
    if wrong:
        raise _damaged(path, wrong)
    return verdict


def _read_replies(path: Path) -> dict[str, Reply]:
    replies = {}
    for number, line in enumerate(_read_lines(path), 1):
        if set(line) != {"case", "reply"} or not isinstance(line["reply"], dict):
            raise _damaged(path, f"line {number} does not hold a case and a reply")
        replies[line["case"]] = line["reply"]
    return replies


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    return (_object(path, number, line) for number, line in enumerate(_lines(path), 1))


def _lines(path: Path) -> list[bytes]:
    try:
        return lzma.decompress(_read(path)).splitlines()
    except lzma.LZMAError as error:
        raise _damaged(path, str(error)) from None


def _object(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        content = json.loads(line)
    except ValueError:
        raise _damaged(path, f"line {number} is no JSON") from None
    if not isinstance(content, dict):
        raise _damaged(path, f"line {number} is no object")
    return content


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise UsageError(f"no results in {path.parent}: {path.name} is missing; give a folder under reports/") from None


def _damaged(path: Path, reason: str) -> CorpusError:
    return CorpusError(f"{path} is damaged: {reason}; run `conformance certify` again")


_TEXTS = ("case", "requirement", "level", "profile", "dtype", "status", "grade", "reason", "observed")
_KEYS = frozenset({*_TEXTS, "details"})
_STATUSES = frozenset(map(str, Status))
_OBSERVED = re.compile(r"([0-9a-f]{16})?\Z")


def case_line_problem(line: Mapping[str, Any]) -> str:
    """What is wrong with a journal line of a case; the same as its schema says, at a fiftieth of the time."""
    if line.keys() - _KEYS - {"facets"} or _KEYS - line.keys():
        return f"it holds {', '.join(sorted(line))} and not {', '.join(sorted(_KEYS))}"
    for key in _TEXTS:
        if not isinstance(line[key], str):
            return f"{key} is no text"
    if line["level"] not in ("must", "should", "may") or line["status"] not in _STATUSES:
        return f"no level {line['level']!r} with status {line['status']!r}"
    if not _OBSERVED.match(line["observed"]):
        return f"observed {line['observed']!r} is no digest"
    facets = line.get("facets", {})
    if not isinstance(line["details"], dict) or not isinstance(facets, dict):
        return "details and facets are objects"
    return "" if all(isinstance(v, str) for v in facets.values()) else "facets are texts"
