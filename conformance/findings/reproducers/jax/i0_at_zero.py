"""The gradient of i0 at 0 is 1, from exp(abs(x)) with 1 as the slope of abs there; i0 is even and smooth, and it is 0."""

import jax
from jax.scipy import special

g = jax.grad(special.i0)(0.0)
assert g == 0, g
