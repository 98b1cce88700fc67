"""The gradient of sinc at 0 is nan; sinc is even and smooth, so that it is 0."""

import autograd.numpy as np
from autograd import grad

with np.errstate(all="ignore"):
    g = grad(np.sinc)(np.array(0.0))
assert g == 0, g
