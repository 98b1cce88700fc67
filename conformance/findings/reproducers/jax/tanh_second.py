"""The second derivative of tanh at 1e-10 has seven right digits, that of arctanh too, and further in it is 0; it is -2e-10."""

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
h = jax.grad(jax.grad(jnp.tanh))(1e-10)
assert abs(h / -2e-10 - 1) < 1e-12, h
