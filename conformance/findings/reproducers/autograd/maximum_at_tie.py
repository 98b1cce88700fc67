"""The gradient of maximum(x, 0.0), as relu is written, is 0.5 at 0; PyTorch documents 0 for relu."""

import autograd.numpy as np
from autograd import grad

g = grad(lambda x: np.maximum(x, 0.0))(0.0)
assert g == 0, g
