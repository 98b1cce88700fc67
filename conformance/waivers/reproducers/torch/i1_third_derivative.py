"""The third derivative of the Bessel function I1 at 0 is 3/8; nested forward mode gives 0."""

import torch
from torch.func import jvp

zero, one = torch.zeros((), dtype=torch.float64), torch.ones((), dtype=torch.float64)
third = jvp(
    lambda a: jvp(lambda b: jvp(torch.special.i1, (b,), (one,))[1], (a,), (one,))[1],
    (zero,),
    (one,),
)[1].item()
assert abs(third - 0.375) < 1e-12, third
