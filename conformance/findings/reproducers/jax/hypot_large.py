"""The gradient of hypot at (1e20, 1e20) in float32 is 1.06, since a square overflows; it is x / hypot(x, x) = 0.7071."""

import jax
import jax.numpy as jnp

x = jnp.float32(1e20)
g = jax.grad(jnp.hypot)(x, x)
assert abs(g - 0.5**0.5) < 1e-5, g
