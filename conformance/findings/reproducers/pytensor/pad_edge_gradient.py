"""The gradient of pad in mode edge raises, or is what the memory held; that of 3 numbers and 1 and 2 more is [2, 1, 3]."""

import numpy as np
import pytensor
import pytensor.tensor as pt

x = pt.dvector()
g = pytensor.grad(pt.pad(x, [(1, 2)], mode="edge").sum(), x)
try:
    found = pytensor.function([x], g, mode="FAST_COMPILE")(np.arange(3.0)).tolist()
except ValueError as error:
    found = error
assert found == [2.0, 1.0, 3.0], found
