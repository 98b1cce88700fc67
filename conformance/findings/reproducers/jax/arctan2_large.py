"""The gradient of arctan2 at (1e20, 1e20) in float32 is 0, since squares overflow; it is (5e-21, -5e-21)."""

import jax
import jax.numpy as jnp

x = jnp.float32(1e20)
g = jax.grad(jnp.arctan2)(x, x)
assert abs(g / 5e-21 - 1) < 1e-5, g
