"""The second derivative of angle of 1e200 is nan, since abs(x) ** 2 overflows; angle of a real number is flat, and it is 0."""

import autograd.numpy as np
from autograd import grad, make_jvp

with np.errstate(all="ignore"):
    _, second = make_jvp(grad(np.angle))(np.array(1e200))(1.0)
assert second == 0, second
