"""gammaln loses digits near its roots at 1 and 2: that of float32 1.7 is wrong by 6e-6 of itself."""

import jax.numpy as jnp
from jax.scipy.special import gammaln

y = float(gammaln(jnp.float32(1.7)))
assert abs(y / -0.09580769766 - 1) < 1e-6, y
