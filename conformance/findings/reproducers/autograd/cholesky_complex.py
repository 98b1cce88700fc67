"""The gradient of cholesky of a Hermitian matrix is wrong: along one pair of imaginary parts the slope is -1.16, and not 0."""

import autograd.numpy as np
from autograd import grad

a = np.array([[2.0, 1j, 0.0], [-1j, 3.0, 1.0], [0.0, 1.0, 4.0]])
move = np.array([[0.0, 1j, 0.0], [-1j, 0.0, 0.0], [0.0, 0.0, 0.0]])
weights = np.arange(9.0).reshape(3, 3)
f = lambda a: np.sum(weights * np.abs(np.linalg.cholesky(a)) ** 2)  # noqa: E731
slope = (f(a + 1e-6 * move) - f(a - 1e-6 * move)) / 2e-6
g = np.real(np.sum(grad(f)(a) * move))
assert abs(g - slope) < 1e-6, (g, slope)
