"""The second derivative of 1 / x in float32 at 2e-13 is infinite, since powers of x underflow; it is 2.5e38."""

import jax
import jax.numpy as jnp

h = jax.grad(jax.grad(lambda x: 1 / x))(jnp.float32(2e-13))
assert jnp.isfinite(h), h
