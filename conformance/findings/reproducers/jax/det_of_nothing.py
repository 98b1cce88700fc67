"""The gradient of det of a (0, 0) matrix raises IndexError, where det gives 1; the gradient is empty too."""

import jax
import jax.numpy as jnp

try:
    g = jax.grad(jnp.linalg.det)(jnp.zeros((0, 0))).shape
except IndexError as error:
    g = error
assert g == (0, 0), g
