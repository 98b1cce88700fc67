"""The real part of log2 of 0.6 + 0.48i in complex128 is wrong by 2e-14 of itself; it is -0.38011768674452673."""

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
y = jnp.log2(jnp.asarray(0.6 + 0.48j)).real
assert abs(y / -0.38011768674452673 - 1) < 2e-15, y
