"""Files that compare with PyTorch are collected where it is installed: a skip in what they share would be seen once only."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
collect_ignore = (
    [] if find_spec("torch") else [p.name for p in HERE.glob("test_*.py") if "against_torch" in p.read_text()]
)
