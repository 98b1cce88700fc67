"""Forward mode of linalg.norm with keepdims has the shape (2, 2) where the norm has (2, 1); reverse mode is right."""

import autograd.numpy as np
from autograd import make_jvp

x = np.ones((2, 3))
t = make_jvp(lambda x: np.linalg.norm(x, axis=1, keepdims=True))(x)(x)[1]
assert t.shape == (2, 1), t
