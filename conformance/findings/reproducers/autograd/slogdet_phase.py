"""The phase that slogdet gives for a complex matrix has no gradient: its real part grows by 0.179 along the first element."""

import autograd.numpy as np
from autograd import grad

a = np.array([[1 + 1j, 2.0], [0.5, 1j]])
move = np.array([[1.0, 0.0], [0.0, 0.0]])
f = lambda a: np.real(np.linalg.slogdet(a)[0])  # noqa: E731
slope = (f(a + 1e-6 * move) - f(a - 1e-6 * move)) / 2e-6
g = np.real(grad(f)(a)[0, 0])
assert abs(g - slope) < 1e-6, (g, slope)
