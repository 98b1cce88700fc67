"""Losses whose derivative is not that of their formula: binary cross entropy cuts logarithms off. The others are
composites.
"""

from __future__ import annotations

from refgrad.ops.arithmetic import maximum
from refgrad.ops.elementary import log, log1p
from refgrad.rules import elementwise

LOWEST = -100.0  # what PyTorch documents for the logarithm of 0, so that the loss stays finite
SMALLEST = 1e-12  # and the least that its derivative divides by

binary_cross_entropy = elementwise(
    "binary_cross_entropy",
    lambda _y, x, target: (x - target) / maximum(x * (1 - x), SMALLEST),
    lambda _y, x, _target: log1p(-x) - log(x),
    kernel=lambda xp, x, target: (
        (target - 1) * xp.maximum(xp.log1p(-x), LOWEST) - target * xp.maximum(xp.log(x), LOWEST)
    ),
)
