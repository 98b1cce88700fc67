"""The gradient of sinc at 1e-200 is -inf; it is -pi**2 / 3 * 1e-200, which is finite and nearly 0."""

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
g = jax.grad(jnp.sinc)(1e-200)
assert abs(g) < 1e-190, g
