"""What a run keeps of one case: a line of the journal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Record:
    """One case and what became of it. Where a waiver holds, `details` says which, and what the status was."""

    case: str
    requirement: str
    level: str
    profile: str
    dtype: str
    status: str
    grade: str = ""
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    observed: str = ""
    facets: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        line = {
            "case": self.case,
            "requirement": self.requirement,
            "level": self.level,
            "profile": self.profile,
            "dtype": self.dtype,
            "status": self.status,
            "grade": self.grade,
            "reason": self.reason,
            "details": _plain(self.details),
            "observed": self.observed,
        }
        return {**line, "facets": dict(self.facets)} if self.facets else line

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Record:
        return cls(**line)


def _plain(value: Any) -> Any:
    """JSON has no infinity and no nan; they become the texts `inf`, `-inf` and `nan`."""
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, Mapping):
        return {key: _plain(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value
