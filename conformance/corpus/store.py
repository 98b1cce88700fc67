"""The files of the corpus: canonical JSON lines, compressed, each with the SHA-256 of its content in the lock."""

from __future__ import annotations

import hashlib
import json
import lzma
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from conformance.codec import canonical_json
from conformance.errors import CorpusError

FOLDER = Path(__file__).parent
LOCK = "lock.json"
PROGRAMS, TRUTHS = "programs", "truths"
COPIES = "halves"
"""The folder, itself a corpus, of the copies in 16 bits that only lists of cuda hold."""
_RESTORE = "restore conformance/corpus as released, or after a deliberate change run `conformance corpus build`"


def content(lines: Iterable[Mapping[str, Any]]) -> bytes:
    """The lines as they are hashed: one canonical JSON text each."""
    return "".join(canonical_json(line) + "\n" for line in lines).encode()


def write(name: str, lines: Iterable[Mapping[str, Any]], folder: Path = FOLDER) -> dict[str, Any]:
    """Writes a file such as ``truths/arithmetic``; returns its entry in the lock."""
    raw = content(lines)
    path = _path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lzma.compress(raw, format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC32, preset=6))
    return {"sha256": hashlib.sha256(raw).hexdigest(), "lines": raw.count(b"\n")}


def read(name: str, folder: Path = FOLDER, *, expected: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The lines of a file; with its entry in the lock, refuses content that is not what was locked."""
    path = _path(folder, name)
    try:
        raw = lzma.decompress(path.read_bytes())
    except FileNotFoundError:
        raise CorpusError(f"{path.name} of the corpus is missing from {path.parent.name}/; {_RESTORE}") from None
    except (lzma.LZMAError, EOFError):
        raise CorpusError(f"{path.parent.name}/{path.name} of the corpus cannot be decompressed; {_RESTORE}") from None
    if expected is not None and hashlib.sha256(raw).hexdigest() != expected["sha256"]:
        raise CorpusError(f"{path.parent.name}/{path.name} of the corpus is not what the lock says; {_RESTORE}")
    return [json.loads(line) for line in raw.splitlines()]


def chapters(kind: str, folder: Path = FOLDER) -> list[str]:
    """The chapters for which there is a file of this kind, sorted."""
    return sorted(p.name.removesuffix(".jsonl.xz") for p in (folder / kind).glob("*.jsonl.xz"))


def read_lock(folder: Path = FOLDER) -> dict[str, Any]:
    """The lock; without one there is no corpus."""
    try:
        return json.loads((folder / LOCK).read_text())
    except FileNotFoundError:
        raise CorpusError(f"the lock of the corpus is missing; {_RESTORE}") from None
    except ValueError:
        raise CorpusError(f"the lock of the corpus is no JSON; {_RESTORE}") from None


def update_lock(changes: Mapping[str, Any], folder: Path = FOLDER) -> None:
    """Writes the lock with these keys changed and all others kept."""
    path = folder / LOCK
    lock = json.loads(path.read_text()) if path.exists() else {"format": 1}
    path.write_text(json.dumps(lock | changes, indent=1, sort_keys=True) + "\n")


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.jsonl.xz"
