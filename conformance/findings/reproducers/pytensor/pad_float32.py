"""pad of float32 is float64, since it is written into zeros of floatX; it has the dtype of the array."""

import pytensor.tensor as pt

y = pt.pad(pt.fvector(), [(1, 1)], mode="constant", constant_values=0.0)
assert y.dtype == "float32", y.dtype
