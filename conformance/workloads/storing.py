"""Results of the workloads on disk: `workloads.json`, beside the journal of the engine."""

from __future__ import annotations

import json
import math
import platform
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from conformance.errors import SuiteFault
from conformance.protocol import schema
from conformance.report.workloads import WORKLOADS
from conformance.results import check_writable, folder_name
from conformance.verdict import Run
from conformance.workloads.comparing import FLOAT32, FLOAT64
from conformance.workloads.judging import WorkloadResult

_PACKAGES = ("numpy", "torch")


def write_workloads(root: Path, version: str, results: Sequence[WorkloadResult], seed: int) -> Path:
    """Writes the results of one engine into its folder below `root`; gives the folder."""
    folder = root / folder_name(Run(results[0].engine, version))
    content = as_json(version, results, seed)
    wrong = schema.problem(content, "workloads")
    if wrong:
        raise SuiteFault(f"{WORKLOADS} does not fit its schema: {wrong}")
    check_writable(folder)
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / WORKLOADS).write_text(text + "\n", encoding="utf-8")
    return folder


def as_json(version: str, results: Sequence[WorkloadResult], seed: int) -> dict[str, Any]:
    """The results of one engine. Measured numbers differ between machines, and stand in `environment`."""
    first = results[0]
    return {
        "format": 1,
        "engine": first.engine,
        "version": version,
        "witness": first.witness,
        "seed": seed,
        "limits": {"float64": FLOAT64, "float32": float(FLOAT32)},
        "workloads": [
            {
                "name": r.workload,
                "statement": r.statement,
                "parameters": r.parameters,
                "status": r.status,
                "reasons": list(r.reasons),
            }
            for r in results
        ],
        "environment": {
            "python": sys.version.split()[0],
            "platform": f"{platform.system()} {platform.machine()}",
            "versions": {name: version for name in _PACKAGES if (version := _version_of(name))},
            "measured": {r.workload: {k: _number(v) for k, v in r.measured.items()} for r in results if r.measured},
        },
    }


def _version_of(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _number(value: float) -> float | int | None:
    return value if isinstance(value, int) else float(f"{value:.3g}") if math.isfinite(value) else None
