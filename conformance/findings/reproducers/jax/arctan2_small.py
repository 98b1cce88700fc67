"""The gradient of arctan2 at (1e-200, 1e-200) is infinite, since squares underflow; it is (5e199, -5e199)."""

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
g = jax.grad(jnp.arctan2)(1e-200, 1e-200)
assert jnp.isfinite(g), g
