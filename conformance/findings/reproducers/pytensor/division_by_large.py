"""The gradient of x / y in y at (-1e300, 1e155) is 0, since y * y overflows; it is 1e300 / y / y = 1e-10."""

import pytensor
import pytensor.tensor as pt

x, y = pt.dscalars(2)
g = pytensor.grad(x / y, y).eval({x: -1e300, y: 1e155})
assert abs(g / 1e-10 - 1) < 1e-12, g
