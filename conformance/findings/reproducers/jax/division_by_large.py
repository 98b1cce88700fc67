"""The gradient of -1e30 / y in y at 1e20 in float32 is 0, since y ** -2 underflows; it is 1e30 / y / y = 1e-10."""

import jax
import jax.numpy as jnp

g = jax.grad(lambda y: jnp.float32(-1e30) / y)(jnp.float32(1e20))
assert abs(g / 1e-10 - 1) < 1e-5, g
