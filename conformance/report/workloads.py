"""The workloads of an engine, as `conformance workloads` left them beside its results."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.errors import CorpusError
from conformance.protocol import schema

WORKLOADS = "workloads.json"


@dataclass(frozen=True)
class WorkloadRow:
    """One model trained for one step: how it went, and how far off it was in words."""

    name: str
    statement: str
    parameters: int
    status: str
    reasons: tuple[str, ...]
    float64: str
    float32: str


@dataclass(frozen=True)
class Workloads:
    """All of them, and beside what."""

    witness: str
    seed: int
    limits: tuple[float, float]
    rows: tuple[WorkloadRow, ...]

    @property
    def passed(self) -> int:
        return sum(row.status == "pass" for row in self.rows)


def workloads(folder: Path) -> Workloads | None:
    """What lies in the folder; None where there is nothing.

    *errors*: `CorpusError` where the file does not fit its schema.
    """
    path = folder / WORKLOADS
    if not path.exists():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    wrong = schema.problem(content, "workloads")
    if wrong:
        raise CorpusError(f"{path}: {wrong}; run `conformance workloads --output {folder.parent}` again")
    rows = tuple(_row(w, content["environment"]["measured"].get(w["name"], {})) for w in content["workloads"])
    return Workloads(content["witness"], content["seed"], tuple(content["limits"].values()), rows)


def _row(workload: dict[str, Any], measured: dict[str, Any]) -> WorkloadRow:
    double, single = measured.get("float64"), measured.get("float32")
    return WorkloadRow(
        workload["name"],
        workload["statement"],
        workload["parameters"],
        workload["status"],
        tuple(workload["reasons"]),
        "" if double is None else f"{double:.1e} of the scale",
        "" if single is None else f"{single:.2f} of what is allowed",
    )
