"""The second derivative of hypot at (1, 1) is 0, and in both arguments too; it is 0.354, here the square root of 1/8."""

import jax
import jax.numpy as jnp

h = jax.grad(jax.grad(jnp.hypot))(1.0, 1.0)
assert abs(h - 0.125**0.5) < 1e-5, h
