"""softmax of a constant with an empty axis raises in mode FAST_COMPILE, and so does log_softmax; it is empty too."""

import numpy as np
import pytensor.tensor as pt

try:
    y = pt.special.softmax(pt.constant(np.zeros((3, 0))), axis=1).eval(mode="FAST_COMPILE")
except ValueError as error:
    y = error
assert np.shape(y) == (3, 0), y
