"""Every waiver has a script of at most 15 lines that shows its cause on the engine alone, without this suite."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conformance.waivers import FOLDER, load_waivers

ROOT = FOLDER.parent.parent
SCRIPTS = [Path(w.link) for path in sorted(FOLDER.glob("*.toml")) for w in load_waivers(path.stem)]


def test_no_script_is_left_over() -> None:
    written = {p.relative_to(ROOT) for p in FOLDER.glob("reproducers/*/*.py")}
    assert written == set(SCRIPTS)


@pytest.fixture(scope="module")
def shown() -> dict[str, str]:
    """What each script raises when it runs on its own names: the engine is imported once for all of them."""
    pytest.importorskip("torch")
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, *(str(ROOT / s) for s in SCRIPTS)], capture_output=True, text=True, check=True
    )
    return dict(line.split("\t", 1) for line in done.stdout.splitlines())


DRIVER = """
import runpy, sys, warnings
warnings.simplefilter("ignore")
for path in sys.argv[1:]:
    try:
        runpy.run_path(path)
    except Exception as error:
        print(path, type(error).__name__, sep="\\t")
    else:
        print(path, "nothing", sep="\\t")
"""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_the_script_shows_what_is_waived(script: Path, shown: dict[str, str]) -> None:
    source = (ROOT / script).read_text()
    assert len(source.splitlines()) <= 15
    assert "conformance" not in source
    assert shown[str(ROOT / script)] == "AssertionError"
