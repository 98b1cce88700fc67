"""vjp pulls back by the transpose of the Jacobian, as documented; PyTorch by the adjoint: that of iz is i, there -i."""

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
z = jnp.array(1.0 + 2.0j)
_, pull_back = jax.vjp(lambda z: 1j * z, z)
assert pull_back(jnp.array(1.0 + 0.0j))[0] == -1j, pull_back(jnp.array(1.0 + 0.0j))
