"""The gradient of irfft with norm="forward" is divided by the length: for the first element of two it is 1, and 1 / 2 comes."""

import autograd.numpy as np
from autograd import grad

g = grad(lambda x: np.fft.irfft(x, norm="forward")[0])(np.array([1.0 + 0j, 2.0 + 0j]))
assert abs(g[0]) == 1.0, g
