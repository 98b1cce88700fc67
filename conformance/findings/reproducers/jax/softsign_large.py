"""The gradient of soft_sign at 5e8 in float32 is -2.2e-16, from a difference of equal numbers; it is 4e-18."""

import jax
import jax.numpy as jnp

g = jax.grad(jax.nn.soft_sign)(jnp.float32(5e8))
assert abs(g / 4e-18 - 1) < 1e-3, g
