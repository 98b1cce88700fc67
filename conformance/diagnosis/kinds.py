"""The kinds of wrong that are told apart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What kind of wrong it is. The first group says how the numbers are wrong, the second where they are."""

    FACTOR = "constant factor"
    SIGN = "sign"
    TRANSPOSE = "transpose or conjugate"
    REDUCTION = "reduction"
    TERM = "missing term"
    NONLINEAR = "nonlinear in the cotangent"
    NOT_FINITE = "not finite"
    RAISED = "raised"

    VALUE = "value"
    LAYOUT = "layout only"
    DTYPE = "dtype only"
    REGION = "region only"
    ORDER = "order only"
    FORWARD = "forward mode only"
    SHAPE = "shape or attributes only"
    CONSTANT = "constant operand only"
    REPEATED = "repeated operand only"


@dataclass(frozen=True)
class Diagnosis:
    """The kind, in words with what speaks for it."""

    kind: Kind
    words: str

    def __str__(self) -> str:
        return self.words
