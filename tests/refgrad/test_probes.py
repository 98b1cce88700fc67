"""refgrad in PyTorch's place passes every probe of documented behaviour, unchanged, but for those on features that it
does not have, each named in `run_probes.EXCLUDED`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from typing import Any

import pytest

from tests.refgrad.run_probes import EXCLUDED, SPEC

HERE = __file__.rpartition("/")[0]
AREAS = (
    {row["area"] for row in tomllib.loads((SPEC / "behaviours.toml").read_text())["behaviour"]}
    if (SPEC / "probes.py").exists()
    else ["none"]
)
there = pytest.mark.skipif(
    not (SPEC / "probes.py").exists(), reason="the probes are not at hand; set REFGRAD_PROBES to their folder"
)


@pytest.fixture(scope="module")
def outcome() -> dict[str, Any]:
    """What `run_probes.py --json` says, run in a process of its own, where refgrad is called torch."""
    command = [sys.executable, f"{HERE}/run_probes.py", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@there
@pytest.mark.parametrize("area", sorted(AREAS))
def test_every_probe_of_the_area_passes(area: str, outcome: dict[str, Any]) -> None:
    assert outcome["counts"][area].keys() <= {"PASS", "EXCLUDED"}, outcome["reasons"]


@there
def test_all_probes_were_run_and_the_excluded_are_those_on_missing_features(outcome: dict[str, Any]) -> None:
    assert sum(sum(counter.values()) for counter in outcome["counts"].values()) == 701
    excluded = {name for name, why in outcome["reasons"].items() if why.startswith("EXCLUDED")}
    assert excluded == {name for name, (_, is_there) in EXCLUDED.items() if not is_there()}
    assert len(excluded) <= 12
