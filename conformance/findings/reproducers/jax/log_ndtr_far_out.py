"""The gradient of log_ndtr far to the left loses all digits: at -1e8 it is 6.57e7, at -1e10 it is 1; it is about -x."""

import jax

jax.config.update("jax_enable_x64", True)
g = jax.grad(jax.scipy.special.log_ndtr)(-1e8)
assert abs(g / 1e8 - 1) < 1e-6, g
