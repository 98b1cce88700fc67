"""view_copy of a transposed matrix copies, as it does without a tangent; forward mode takes a view of the tangent, and raises."""

import torch
from torch.autograd import forward_ad

x, t = torch.ones(2, 3, dtype=torch.float64).t(), torch.full((2, 3), 5.0, dtype=torch.float64).t()
assert torch.view_copy(x, (6,)).tolist() == [1.0] * 6
with forward_ad.dual_level():
    try:
        found = forward_ad.unpack_dual(torch.view_copy(forward_ad.make_dual(x, t), (6,))).tangent.tolist()
    except RuntimeError as error:
        found = error
assert found == [5.0] * 6, found
