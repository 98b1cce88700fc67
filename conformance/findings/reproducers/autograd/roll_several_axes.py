"""The gradient of roll over several axes raises TypeError; NumPy's roll takes tuples, and the value comes out."""

import autograd.numpy as np
from autograd import make_vjp

pull_back, _ = make_vjp(lambda a: np.roll(a, (1, 1), (0, 1)))(np.ones((2, 3)))
try:
    raised = None if (pull_back(np.ones((2, 3))) == 1).all() else "wrong"
except TypeError as error:
    raised = error
assert raised is None, raised
