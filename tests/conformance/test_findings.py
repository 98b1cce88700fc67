"""Every finding about another engine has a script of at most 15 lines in that engine's own code, without this suite."""

from __future__ import annotations

import subprocess
import sys

import pytest

from conformance.engines.known import KNOWN
from conformance.findings import CLASSES, FOLDER, PAGE, Finding, explanation, findings, page
from conformance.record import Record

FOUND = findings()
HERE = [f for f in FOUND if f.engine == "autograd"]  # the one engine among them that the tests require


def test_no_script_is_left_over() -> None:
    assert set(FOLDER.glob("reproducers/*/*.*s")) | set(FOLDER.glob("reproducers/*/*.py")) == {f.script for f in FOUND}


def test_the_page_lists_them() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m conformance.findings`"


@pytest.mark.parametrize("finding", FOUND, ids=lambda f: f"{f.engine}-{f.script.stem}")
def test_a_script_is_short_and_alone(finding: Finding) -> None:
    source = finding.script.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 15
    assert "conformance" not in source
    assert "assert" in source.splitlines()[-1]
    assert finding.sentence.endswith((".", ")"))
    assert finding.kind in CLASSES


@pytest.mark.parametrize("engine", sorted({f.engine for f in FOUND}))
def test_the_version_is_the_one_that_the_adapter_was_written_for(engine: str) -> None:
    (version,) = {f.version for f in FOUND if f.engine == engine}
    assert version == KNOWN[engine].version


def test_a_failure_is_explained_by_a_finding_of_its_own_engine() -> None:
    record = Record("op/roll/vjp/several/1@float64", "operator.roll.vjp", "must", "functional", "float64", "error",
                    facets={"operator": "roll"})  # fmt: skip
    found = explanation("autograd", record)
    assert found is not None
    assert found.script.stem == "roll_several_axes"
    assert explanation("mlx", record) is None


@pytest.mark.parametrize("reason", ["r3: expected 1.5, got 1.25, off by 0.25", "r3: expected 1e+40, got inf"])
def test_one_of_several_matches_is_enough(reason: str) -> None:
    record = Record("op/exp/value/tails/1@float64", "operator.exp.value", "should", "functional", "float64", "fail",
                    reason=reason, facets={"operator": "exp"})  # fmt: skip
    found = explanation("mlx", record)
    assert found is not None
    assert found.script.stem == "float64_elementary"
    assert len(found.matches) > 1


def test_findings_in_many_engines_are_kept() -> None:
    assert len(FOUND) >= 15
    assert len({f.engine for f in FOUND}) >= 5


@pytest.mark.parametrize("finding", HERE, ids=lambda f: f.script.stem)
def test_the_script_shows_the_defect(finding: Finding) -> None:
    autograd = pytest.importorskip("autograd")
    del autograd
    done = subprocess.run([sys.executable, finding.script], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "AssertionError" in done.stderr.splitlines()[-1] or "AssertionError" in done.stderr
