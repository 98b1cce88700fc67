"""The gradient of prod with tiny factors is 0: that of 1e-300 in 1e-300 * 1e-300 * 3 is 3e-300."""

import pytensor
import pytensor.tensor as pt

x = pt.dvector()
g = pytensor.grad(pt.prod(x), x).eval({x: [1e-300, 1e-300, 3.0]})
assert abs(g[0] / 3e-300 - 1) < 1e-12, g
