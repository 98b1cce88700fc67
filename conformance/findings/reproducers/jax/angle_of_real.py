"""The gradient of angle of a real number at 0 is nan; PyTorch documents 0."""

import jax
import jax.numpy as jnp

g = jax.grad(jnp.angle)(0.0)
assert g == 0, g
