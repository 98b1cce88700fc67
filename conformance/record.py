"""What a run keeps of one case: a line of the journal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

Match = Mapping[str, str | Sequence[str]]
"""Globs over case, requirement, dtype, level, status, reason and the facets (operator, region, order, direction, …)."""

_OWN = ("case", "requirement", "dtype", "level", "status", "reason")


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

    def fits(self, match: Match) -> bool:
        """Whether all of a match fits; of a list of globs one must.

        >>> record = Record(
        ...     "op/sin/…",
        ...     "operator.sin.vjp",
        ...     "must",
        ...     "functional",
        ...     "float32",
        ...     "fail",
        ...     facets={"operator": "sin", "region": "huge"},
        ... )
        >>> record.fits({"operator": ["cos", "sin"], "dtype": "float*"}), record.fits({"region": "tiny"})
        (True, False)
        """
        return all(
            any(fnmatchcase(self._attribute(name), glob) for glob in ([globs] if isinstance(globs, str) else globs))
            for name, globs in match.items()
        )

    def _attribute(self, name: str) -> str:
        return str(getattr(self, name)) if name in _OWN else self.facets.get(name, "")

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
