"""The gradient of digamma at infinity is nan; it is 0."""

import jax
from jax.scipy import special

g = jax.grad(special.digamma)(float("inf"))
assert g == 0, g
