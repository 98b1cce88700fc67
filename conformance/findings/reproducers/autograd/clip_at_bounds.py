"""The gradient of clip at its bounds is 0; PyTorch documents 1, since the value is the input there."""

import autograd.numpy as np
from autograd import grad

g = grad(lambda x: np.sum(np.clip(x, -1.0, 1.5)))(np.array([-1.0, 1.5]))
assert g.tolist() == [1.0, 1.0], g
