"""angle of -0.0 is pi, as in NumPy; PyTorch documents 0 for what is not negative."""

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
y = jnp.angle(jnp.array([-0.0]))
assert y[0] == 0, y
