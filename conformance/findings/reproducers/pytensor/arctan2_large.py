"""The gradient of arctan2 at (1e200, 1e200) is 0, since squares overflow; it is (5e-201, -5e-201)."""

import pytensor
import pytensor.tensor as pt

x = pt.dscalar()
g = pytensor.grad(pt.arctan2(x, pt.constant(1e200)), x).eval({x: 1e200})
assert abs(g / 5e-201 - 1) < 1e-12, g
