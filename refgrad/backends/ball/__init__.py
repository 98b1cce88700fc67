"""Arrays of real and complex balls (python-flint's `arb` and `acb`): every value with a proven error bound.

Mirrors `refgrad.backends.numpy`; importing it registers `BallArray`. Structure is NumPy's, on arrays of objects; comparisons
have three answers; what only keeps numbers in range (shifts, pivots) compares midpoints.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from refgrad.backends import formulas, matrices, register
from refgrad.backends.ball import (
    deciding,
    elementary,
    factors,
    fft,
    linalg,
    operators,
    ordering,
    reducing,
    special,
    structure,
)
from refgrad.backends.ball.arithmetic import Tape, arithmetic, noisy_arithmetic
from refgrad.backends.ball.array import BallArray
from refgrad.backends.ball.linalg import det

__all__ = ["BallArray", "Tape", "arithmetic", "det", "fft", "linalg", "noisy_arithmetic"]

ARRAY_TYPES = (BallArray,)
PLAIN_RULES = True  # tolerances come from the textbook formulas, not from what a row does better
DEVICE = "cpu"
ndarray = BallArray
pi, e, inf, nan, newaxis = np.pi, np.e, np.inf, np.nan, None

for _chapter in (structure, elementary, special, deciding, ordering, reducing, operators, factors):
    globals().update({name: f for name, f in vars(_chapter).items() if not name.startswith("_")})
globals().update(formulas.bound(sys.modules[__name__], matrices.solve_triangular))


def __getattr__(name: str) -> Any:
    raise AttributeError(f"balls have no {name!r}; add it to refgrad.backends.ball beside refgrad.backends.numpy")


register(sys.modules[__name__], BallArray)
