"""A nan that comes in reaches elements of relu that are not active, as 0 * nan; PyTorch masks it, and gives 0."""

import autograd.numpy as np
from autograd import make_vjp

pull_back, _ = make_vjp(lambda x: np.maximum(x, 0.0))(np.array([-1.0]))
g = pull_back(np.array([np.nan]))
assert g[0] == 0, g
