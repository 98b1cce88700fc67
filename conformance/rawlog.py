"""The raw logs of a run: one file for each worker, a line before each case and a line after it.

They are volatile: the journal is derived from them, and an interrupted run goes on from them.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from conformance.errors import UsageError


class RawLog:
    """The logs in one folder, of a run with this `key` (engine, version, list …); others' answers are not its own."""

    def __init__(self, folder: Path, key: Mapping[str, Any]) -> None:
        self.folder = folder
        self._header = {"raw": dict(key)}
        self._files: dict[int, BinaryIO] = {}

    def known(self) -> dict[str, Any]:
        """The answers that an earlier, interrupted run with the same key has left: case id to reply."""
        known: dict[str, Any] = {}
        for path in sorted(self.folder.glob("worker-*.jsonl")):
            known |= self._answers(path)
        return known

    def clear(self) -> None:
        """Forgets earlier runs, whatever their key."""
        for path in self.folder.glob("worker-*.jsonl"):
            path.unlink()

    def begin(self, worker: int, case_id: str) -> None:
        """Notes that a case is about to be sent."""
        self._write(worker, {"start": case_id})

    def end(self, worker: int, case_id: str, reply: Mapping[str, Any]) -> None:
        """Keeps the answer."""
        self._write(worker, {"case": case_id, "reply": reply})

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, worker: int, line: Mapping[str, Any]) -> None:
        file = self._files.get(worker)
        if file is None:
            file = self._files[worker] = self._open(worker)
        file.write(_line(line))  # unbuffered: what is written survives the death of the suite

    def _open(self, worker: int) -> BinaryIO:
        """The worker's file, with a header; a line that an interruption cut off is ended first."""
        path = self.folder / f"worker-{worker}.jsonl"
        try:
            make_ignored_folder(self.folder)
            file = path.open("ab", buffering=0)
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}; choose another folder with --output") from None
        if file.tell():
            file.write(b"\n")
        file.write(_line(self._header))
        return file

    def _answers(self, path: Path) -> dict[str, Any]:
        answers: dict[str, Any] = {}
        ours = False
        for line in _lines(path):
            if "raw" in line:
                ours = line == self._header
            elif ours and "case" in line:
                answers[line["case"]] = line["reply"]
        return answers


def make_ignored_folder(folder: Path) -> None:
    """Makes a folder for volatile files, with a `.gitignore` that keeps all of it out of version control."""
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")


def _line(content: Mapping[str, Any]) -> bytes:
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    return text.encode(errors="replace") + b"\n"


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a log; what a kill cut off in the middle was never answered."""
    with path.open("rb") as file:
        for line in file:
            with contextlib.suppress(ValueError):
                content = json.loads(line)
                if isinstance(content, dict):
                    yield content
