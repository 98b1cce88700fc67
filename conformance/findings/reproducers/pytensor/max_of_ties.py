"""The gradient of max gives every tied element the whole: those of max(1, 1) are 1 and 1, and do not add up to 1."""

import pytensor
import pytensor.tensor as pt

x = pt.dvector()
g = pytensor.grad(pt.max(x), x).eval({x: [1.0, 1.0]})
assert g.sum() == 1, g
