"""The gradient of det at a singular matrix raises LinAlgError; it is the matrix of cofactors, here [[4, -2], [-2, 1]]."""

import numpy as np
import pytensor
import pytensor.tensor as pt

x = pt.dmatrix()
try:
    g = pytensor.grad(pt.linalg.det(x), x).eval({x: [[1.0, 2.0], [2.0, 4.0]]}).round(3).tolist()
except np.linalg.LinAlgError as error:
    g = error
assert g == [[4.0, -2.0], [-2.0, 1.0]], g
