"""var and std of float32 along several axes are float64; those along one are float32."""

import pytensor.tensor as pt

x = pt.tensor3("x", dtype="float32")
y = pt.var(x, axis=(0, 1), ddof=1)
assert y.dtype == "float32", y.dtype
