"""Every finding that only fresh inputs have shown has a script of at most 15 lines that shows it on the engine alone."""

from __future__ import annotations

import runpy
import warnings
from pathlib import Path

import pytest

from conformance.calibration.findings import FINDINGS, FOLDER, own_findings

ROOT = FOLDER.parent.parent
ENGINES = ("torch", "refgrad")
SCRIPTS = sorted({(engine, f.link) for engine in ENGINES for f in own_findings(engine)})


def test_no_script_is_left_over() -> None:
    written = {str(p.relative_to(ROOT)) for p in FOLDER.glob("reproducers/*/*.py")}
    assert written == {link for _, link in SCRIPTS if link.startswith("conformance/calibration")}


def test_ids_are_unique_and_engines_known() -> None:
    for engine in ENGINES:
        ids = [f.id for f in own_findings(engine)]
        assert len(ids) == len(set(ids))
    assert FINDINGS.read_text(encoding="utf-8").count("\n[[") == sum(len(own_findings(e)) for e in ENGINES)


@pytest.mark.parametrize(("engine", "script"), SCRIPTS, ids=[f"{e}-{Path(s).stem}" for e, s in SCRIPTS])
def test_the_script_shows_what_was_found(engine: str, script: str) -> None:
    pytest.importorskip(engine)
    source = (ROOT / script).read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 15
    assert "conformance" not in source
    with warnings.catch_warnings(), pytest.raises((AssertionError, RuntimeError)):
        warnings.simplefilter("ignore")  # an overflow may be what it is about
        runpy.run_path(str(ROOT / script))
