"""What other engines get wrong, each shown by a script of a few lines in that engine's own code, without this suite.

`index.toml` says of each its class and which failures it explains; the page beside it is made from that and the scripts'
first lines.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from conformance.record import Match, Record

FOLDER = Path(__file__).parent
PAGE = FOLDER / "README.md"
CLASSES = (
    "crash",
    "takes too long",
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
    matches: tuple[Match, ...] = field(default=(), hash=False)

    @property
    def sentence(self) -> str:
        """The script's first line: what is expected, and what comes."""
        first = self.script.read_text(encoding="utf-8").splitlines()[0]
        return first.removeprefix("// ").strip('"')

    def explains(self, record: Record) -> bool:
        """Whether a failure of the engine is of this cause, by any of the matches."""
        return any(match and record.fits(match) for match in self.matches)


@cache
def findings() -> tuple[Finding, ...]:
    """Every finding, by engine, then by class."""
    index = tomllib.loads((FOLDER / "index.toml").read_text(encoding="utf-8"))
    return tuple(
        Finding(engine, entries["version"], entry["class"], _script(engine, name), _matches(entry["match"]))
        for engine, entries in sorted(index.items())
        for name, entry in sorted(
            ((k, v) for k, v in entries.items() if k != "version"), key=lambda e: (CLASSES.index(e[1]["class"]), e[0])
        )
    )


def explanation(engine: str, record: Record) -> Finding | None:
    """The first finding that explains a failure of an engine; None where none does."""
    return next((f for f in findings() if f.engine == engine and f.explains(record)), None)


def _matches(written: Match | list[Match]) -> tuple[Match, ...]:
    """One match, or several where no single one is as narrow as the cause."""
    return tuple(written) if isinstance(written, list) else (written,)


def _script(engine: str, name: str) -> Path:
    """A script is Python's unless the engine speaks another language."""
    script = FOLDER / "reproducers" / engine / f"{name}.py"
    return script if script.exists() else script.with_suffix(".js")


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
