"""Masked tensors on the device: the mask lies beside the data, and so do the gradients."""

from __future__ import annotations

import refgrad as torch
from refgrad.masked import as_masked_tensor


def test_masks_and_masked_gradients_lie_where_the_data_does(device: str) -> None:
    x = torch.tensor([1.0, 2.0, -3.0], device="cuda", requires_grad=True)
    y = as_masked_tensor(x * 2, torch.tensor([True, False, True], device="cuda"))
    (y.exp().mean() + y.prod() + y.amax()).backward()
    assert {x.grad.device.type, x.grad.get_mask().device.type, y.sum().get_mask().device.type} == {"cuda"}
    here = as_masked_tensor(torch.tensor([1.0, 2.0, -3.0], requires_grad=True) * 1, torch.tensor([True, False, True]))
    there = here.to("cuda")
    assert there.get_mask().device.type == "cuda"
    assert repr(there.cpu()) == repr(here) == repr(there)
