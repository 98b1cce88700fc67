"""Where the documented derivative at a kink is the derivative close by: the ways that lead there from an argument's value."""

from __future__ import annotations

import numpy as np


def earlier(x: np.ndarray) -> np.ndarray:
    """Towards where of equal elements the first is the greatest.

    >>> earlier(np.ones(3))
    array([ 0., -1., -2.])
    """
    return np.arange(0.0, -x.size, -1.0).reshape(x.shape)


def upwards(x: np.ndarray | float) -> np.ndarray:
    """Towards greater numbers."""
    return np.ones(np.shape(x))


def downwards(x: np.ndarray | float) -> np.ndarray:
    """Towards less."""
    return -upwards(x)


def outwards(x: np.ndarray) -> np.ndarray:
    """Away from zero, so that all differences grow.

    >>> outwards(np.array([1.0, -2.0]))
    array([ 1., -2.])
    """
    return x
