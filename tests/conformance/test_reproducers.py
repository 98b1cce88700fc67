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


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_the_script_shows_what_is_waived(script: Path) -> None:
    pytest.importorskip("torch")
    source = (ROOT / script).read_text()
    assert len(source.splitlines()) <= 15
    assert "conformance" not in source
    done = subprocess.run([sys.executable, str(ROOT / script)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "AssertionError" in done.stderr.splitlines()[-1]
