"""refgrad in PyTorch's place passes the probes of its core areas."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve()
SPEC = pathlib.Path(os.environ.get("REFGRAD_PROBES", HERE.parents[3] / "shared" / "spec"))
WHOLE = (
    "accumulation",
    "leaf",
    "backward-scalar",
    "retain-graph",
    "create-graph",
    "autograd.grad",
    "hooks-node",
    "post-accumulate-hooks",
    "saved-tensor-hooks",
    "version-counter",
    "anomaly-mode",
    "functional-api",
)


@pytest.mark.skipif(
    not (SPEC / "probes.py").exists(), reason="the probes are not at hand; set REFGRAD_PROBES to their folder"
)
@pytest.mark.parametrize("area", WHOLE)
def test_every_probe_of_the_area_passes(area: str) -> None:
    done = subprocess.run(
        [sys.executable, HERE.parent / "run_probes.py", area], capture_output=True, text=True, check=True
    )
    failures = [line for line in done.stdout.splitlines() if line.startswith(f"FAIL {area}")]
    assert not failures
    assert f"{area} " in done.stdout
