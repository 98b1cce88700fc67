"""The gradient of digamma at 1e25 in float32 is 0, since x ** -2 underflows in zeta; it is 1e-25."""

import jax
import jax.numpy as jnp

g = jax.grad(jax.scipy.special.digamma)(jnp.float32(1e25))
assert abs(g / 1e-25 - 1) < 1e-5, g
