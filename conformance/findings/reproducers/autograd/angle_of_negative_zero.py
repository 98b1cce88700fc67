"""angle of -0.0 is pi, as in NumPy; PyTorch documents 0 for what is not negative."""

import autograd.numpy as np

y = np.angle(np.array([-0.0]))
assert y[0] == 0, y
