"""transpose by (-1, 0, -2) raises, or gives another shape; NumPy documents negative axes."""

import numpy as np
import pytensor.tensor as pt

x = pt.dtensor3()
try:
    y = pt.transpose(x, (-1, 0, -2)).eval({x: np.zeros((1, 2, 3))})
except ValueError as error:
    y = error
assert np.shape(y) == (3, 1, 2), y
