"""The gradient of einsum with a repeated subscript raises; that of the trace, "ii", is the identity."""

import autograd.numpy as np
from autograd import grad

try:
    g = grad(lambda x: np.einsum("ii", x))(np.ones((2, 2)))
except ValueError as error:
    g = error
assert np.shape(g) == (2, 2), g
