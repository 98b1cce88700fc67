"""var and std with ddof over several axes divide by the wrong count: the variance of 0, 2, 3, 1 is 5 instead of 5/3."""

import pytensor.tensor as pt

y = pt.var(pt.constant([[0.0, 2.0], [3.0, 1.0]]), ddof=1).eval()
assert abs(y - 5 / 3) < 1e-12, y
