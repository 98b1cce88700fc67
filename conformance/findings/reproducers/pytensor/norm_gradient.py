"""The gradient of linalg.norm of a real matrix, order "fro", raises that Real.grad returned an integer; it is x / norm."""

import numpy as np
import pytensor
import pytensor.tensor as pt

x = pt.dmatrix()
try:
    found = pytensor.function([x], pytensor.grad(pt.linalg.norm(x, "fro", (0, 1)), x))(np.ones((1, 1)))[0, 0]
except TypeError as error:
    found = str(error)[:200]
assert found == 1.0, found
