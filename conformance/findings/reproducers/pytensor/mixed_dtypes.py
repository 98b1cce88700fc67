"""The gradient of a float32 factor of a float64 product is float64; it has the dtype of the factor."""

import pytensor
import pytensor.tensor as pt

x, y = pt.fvector(), pt.dvector()
g = pytensor.grad((x * y).sum(), x)
assert g.dtype == "float32", g.dtype
