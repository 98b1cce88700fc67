"""The ledger of ids: every behaviour that was ever published, with its level and profile. Lines are added, never removed.

A behaviour that is given up stays as a tombstone, so that its id is never used again; one that no case can show says
why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from conformance.errors import SuiteFault

FILE = "conformance/catalogue/ids.tsv"
_RETIRED, _UNTESTABLE = "retired: ", "untestable: "


@dataclass(frozen=True)
class Line:
    """One id, and what was promised of it. At most one of the two reasons is there."""

    id: str
    level: str
    profile: str
    retired: str = ""
    untestable: str = ""

    @property
    def is_documented(self) -> bool:
        """Whether PyTorch's own documentation says it, and not an introduction to it."""
        return not self.id.startswith("learner.")


@cache
def ledger() -> tuple[Line, ...]:
    """Every line, in the order of the file, which is that of the alphabet."""
    return tuple(parse(files("conformance.catalogue").joinpath("ids.tsv").read_text(encoding="utf-8")))


def parse(text: str) -> Iterator[Line]:
    r"""The lines of a ledger; *errors*: `SuiteFault` names the file, the line and what is wrong with it.

    >>> list(parse("a.b\tmust\tfunctional\na.c\tmay\timperative\tretired: PyTorch dropped it\n"))[1].retired
    'PyTorch dropped it'
    """
    seen = ""
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split("\t")
        reason = fields[3] if len(fields) == 4 else ""
        if len(fields) not in (3, 4) or (reason and not reason.startswith((_RETIRED, _UNTESTABLE))):
            raise SuiteFault(f"{FILE}, line {number} ({fields[0]}): expected id, level, profile and perhaps a reason")
        if fields[0] <= seen:
            raise SuiteFault(
                f"{FILE}, line {number}: {fields[0]} is there already, or not in the order of the alphabet"
            )
        seen = fields[0]
        retired = reason.removeprefix(_RETIRED) if reason.startswith(_RETIRED) else ""
        untestable = reason.removeprefix(_UNTESTABLE) if reason.startswith(_UNTESTABLE) else ""
        yield Line(fields[0], fields[1], fields[2], retired, untestable)
