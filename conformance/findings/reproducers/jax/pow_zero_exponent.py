"""The gradient of x ** c with c an array of 0 is nan at 0; the function is constant there, and it is 0."""

import jax
import jax.numpy as jnp

g = jax.grad(lambda x: x ** jnp.float32(0.0))(0.0)
assert g == 0, g
