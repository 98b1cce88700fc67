"""The tangent of the norm of complex numbers is complex, here 1.19 - 0.45i; a norm is real, and so is its tangent."""

import autograd.numpy as np
from autograd import make_jvp

x = np.array([1 + 2j, 2 - 1j, 0.5j, 1.0])
t = make_jvp(np.linalg.norm)(x)(np.ones(4, complex))[1]
assert np.isreal(t), t
