"""The gradient of trunc of float32 is float64, as all that are 0 by their rule; it has the dtype of the array."""

import pytensor
import pytensor.tensor as pt

x = pt.fvector()
g = pytensor.grad(pt.trunc(x).sum(), x)
assert g.dtype == "float32", g.dtype
