"""int32 plus 1.5 is float64 with 64 bits enabled, and float32 times a float64 without dimensions too; PyTorch: float32."""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
x, y = jnp.ones(2, jnp.int32) + 1.5, jnp.ones(2, jnp.float32) * jnp.asarray(np.float64(2))
assert (x.dtype, y.dtype) == (jnp.float32, jnp.float32), (x.dtype, y.dtype)
