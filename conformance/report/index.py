"""The engines that a folder of reports holds, for the index over them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One engine's folder and its verdict."""

    folder: str
    verdict: Mapping[str, Any]
    atlas: bool = False  # whether its accuracy was measured too

    @property
    def name(self) -> str:
        """The engine with its version."""
        return f"{self.verdict['engine']} {self.verdict['version']}"

    @property
    def must(self) -> tuple[int, int]:
        """Must-cases that passed, and all of them."""
        counts = self.verdict["by_level"].get("must", {})
        return counts.get("pass", 0) + counts.get("permitted", 0), sum(counts.values())


def engines_in(root: Path) -> list[Entry]:
    """Every folder directly below this one that holds a verdict, by name; folders that cannot be read are left out."""
    found = []
    for path in sorted(root.glob("*/verdict.json")):
        try:
            found.append(
                Entry(
                    path.parent.name,
                    json.loads(path.read_text(encoding="utf-8")),
                    (path.parent / "atlas.html").exists(),
                )
            )
        except (OSError, ValueError):
            continue  # somebody else's file, or one being written: the index lists what is complete
    return found
