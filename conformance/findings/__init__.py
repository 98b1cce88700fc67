"""What other engines get wrong, each shown by a script of a few lines in that engine's own code, without this suite.

`index.toml` sorts them by engine and class; the page beside it is made from that and the scripts' first lines.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
PAGE = FOLDER / "README.md"
CLASSES = (
    "crash",
    "wrong value",
    "wrong derivative",
    "not finite where it is finite",
    "raises where it must not",
    "wrong dtype",
    "numerically poor",
    "documented convention",
)


@dataclass(frozen=True)
class Finding:
    """One defect of an engine: at which version it was seen, of which class it is, and the script that shows it."""

    engine: str
    version: str
    kind: str
    script: Path

    @property
    def sentence(self) -> str:
        """The script's first line: what is expected, and what comes."""
        first = self.script.read_text(encoding="utf-8").splitlines()[0]
        return first.removeprefix("// ").strip('"')


def findings() -> tuple[Finding, ...]:
    """Every finding, by engine, then by class."""
    index = tomllib.loads((FOLDER / "index.toml").read_text(encoding="utf-8"))
    return tuple(
        Finding(engine, entry["version"], kind, _script(engine, name))
        for engine, entry in sorted(index.items())
        for kind in sorted(entry.keys() - {"version"}, key=CLASSES.index)
        for name in entry[kind]
    )


def _script(engine: str, name: str) -> Path:
    """A script is Python's unless the engine speaks another language."""
    suffix = "js" if engine == "tfjs" else "py"
    return FOLDER / "reproducers" / engine / f"{name}.{suffix}"


def page() -> str:
    """The page that lists them, in Markdown."""
    found = findings()
    engines = sorted({f.engine for f in found})
    lines = [
        "# What other engines get wrong",
        "",
        f"{len(found)} findings in {len(engines)} engines, each reproduced in the engine's own code by the script that is",
        "linked. A script ends in an assertion that fails while the defect is there.",
    ]
    for engine in engines:
        own = [f for f in found if f.engine == engine]
        lines += ["", f"## {engine} {own[0].version}", "", "| class | what is wrong | script |", "|---|---|---|"]
        lines += [
            f"| {f.kind} | {f.sentence.replace('|', '&#124;')} "
            f"| [{f.script.stem}]({f.script.relative_to(FOLDER).as_posix()}) |"
            for f in own
        ]
    return "\n".join(lines) + "\n"
