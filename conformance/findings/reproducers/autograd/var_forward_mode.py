"""Forward mode of var over a tuple of axes raises NameError, by a slip in its rule; reverse mode comes out."""

import autograd.numpy as np
from autograd import make_jvp

x = np.ones((2, 3))
try:
    t = make_jvp(lambda x: np.var(x, axis=(0, 1)))(x)(x)[1]
except NameError as error:
    t = error
assert t == 0, t
