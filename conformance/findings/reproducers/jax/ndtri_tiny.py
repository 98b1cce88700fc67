"""The second derivative of ndtri in float32 at 1e-19 is -infinite, since a square overflows; it is about -1e37."""

import jax
import jax.numpy as jnp
from jax.scipy import special

h = jax.grad(jax.grad(special.ndtri))(jnp.float32(1e-19))
assert jnp.isfinite(h), h
