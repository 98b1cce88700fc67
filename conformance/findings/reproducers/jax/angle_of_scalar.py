"""angle of a float32 without dimensions is float64 with 64 bits enabled; that of a vector is float32, as it was."""

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
y = jnp.angle(jnp.float32(1.5))
assert y.dtype == jnp.float32, y.dtype
