"""The gradient of 0.8125 ** x in float64 is wrong by 7e-8 of itself: the logarithm is taken in float32."""

import numpy as np
import pytensor
import pytensor.tensor as pt

x = pt.dscalar()
g = pytensor.grad(pt.power(0.8125, x), x).eval({x: 2.0})
assert abs(g / (0.8125**2 * np.log(0.8125)) - 1) < 1e-14, g
