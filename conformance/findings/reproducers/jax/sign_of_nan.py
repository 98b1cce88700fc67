"""sign of nan is nan, by NumPy; PyTorch documents 0."""

import jax.numpy as jnp

y = jnp.sign(jnp.nan)
assert y == 0, y
