"""What holds for masked tensors by themselves: gradients that stay masked wherever they come, and what is refused."""

from __future__ import annotations

import copy
import pickle
import threading
from typing import Any

import pytest

import refgrad as torch
from refgrad.masked import MaskedTensor, as_masked_tensor, is_masked_tensor, masked_tensor

pytestmark = pytest.mark.filterwarnings("ignore:(divide by zero|invalid value) encountered:RuntimeWarning")
MASK = [True, False, True]


def leaf() -> Any:
    return masked_tensor(torch.tensor([1.0, 2.0, 3.0]), torch.tensor(MASK), requires_grad=True)


def test_a_division_by_zero_that_does_not_count_reaches_no_gradient() -> None:
    x, d = torch.ones(3, requires_grad=True), torch.tensor([1.0, 0.0, 2.0])
    as_masked_tensor(x / d, d != 0).sum().backward()
    assert is_masked_tensor(x.grad)
    assert x.grad.get_mask().tolist() == MASK
    assert x.grad.to_tensor(0).tolist() == [1.0, 0.0, 0.5]


def test_what_does_not_count_never_changes_what_does() -> None:
    for hidden in (0.0, float("nan"), float("inf")):
        x = masked_tensor(torch.tensor([1.0, hidden, 3.0]), torch.tensor(MASK), requires_grad=True)
        y = (x * x / x.mean().to_tensor(0)).sum() + x.amax() * x.prod()
        y.backward()
        assert y.item() == 14.0
        assert x.grad.to_tensor(0).tolist() == [8.75, 0.0, 7.75]


def test_gradients_are_masked_on_every_road() -> None:
    x = leaf()
    (g,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    (h,) = torch.autograd.grad(g.sum(), x)
    assert g.to_tensor(0).tolist() == [3.0, 0.0, 27.0]
    assert h.to_tensor(0).tolist() == [6.0, 0.0, 18.0]
    seen: list[Any] = []
    y = x * 2
    y.retain_grad()
    y.register_hook(seen.append)
    y.backward(torch.ones(3))
    for found in (*seen, y.grad, x.grad):
        assert found.get_mask().tolist() == MASK


def test_the_data_of_a_masked_tensor_sends_masked_gradients_back_through_an_ordinary_graph() -> None:
    x = torch.ones(3, requires_grad=True)
    as_masked_tensor(x * 2, torch.tensor(MASK)).get_data().exp().sum().backward()
    assert x.grad.get_mask().tolist() == MASK


def test_gradients_add_up_where_both_count_alike_or_one_is_ordinary() -> None:
    x = leaf()
    x.sum().backward()
    (x * x).sum().backward()
    assert x.grad.to_tensor(0).tolist() == [3.0, 0.0, 7.0]
    z = torch.ones(3, requires_grad=True)
    z.sum().backward()
    as_masked_tensor(z, torch.tensor(MASK)).sum().backward()
    assert z.grad.to_tensor(0).tolist() == [2.0, 0.0, 2.0]
    with pytest.raises(ValueError, match="Input masks must match"):
        as_masked_tensor(z, ~torch.tensor(MASK)).sum().backward()


def test_masks_are_seen_in_every_thread_and_mode() -> None:
    x, found = leaf(), []
    other = threading.Thread(target=lambda: found.append(x + 1))
    other.start()
    other.join()
    with torch.no_grad():
        found.append(x + 1)
    with torch.inference_mode():
        found.append(1 + x)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t):
        found.append(x * x + 0)
    assert [type(y) for y in found] == [MaskedTensor] * 4
    found[-1].sum().backward()
    assert x.grad.to_tensor(0).tolist() == [2.0, 0.0, 6.0]


def test_copies_keep_the_mask() -> None:
    x = leaf()
    for y in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):  # noqa: S301 - our own
        assert repr(y) == repr(x)
        assert y.requires_grad
        assert y._data is not x._data


def test_a_masked_tensor_is_a_copy_and_its_mask_too() -> None:
    data, mask = torch.ones(2), torch.tensor([True, False])
    x = masked_tensor(data, mask)
    data.zero_()
    mask.fill_(True)
    assert x.to_tensor(5).tolist() == [1.0, 5.0]


def test_data_that_requires_grad_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="as_masked_tensor keeps it"):
        x = masked_tensor(torch.ones(1, requires_grad=True), torch.tensor([True]))
    assert not x.requires_grad


def test_what_is_in_place_leaves_the_mask() -> None:
    x = leaf().detach()
    with pytest.raises(ValueError, match="cannot change which elements count"):
        torch.ones(3).add_(x)
    x[:2] = 5.0
    assert x.to_tensor(1).tolist() == [5.0, 1.0, 3.0]
    with pytest.raises(ValueError, match="Input masks must match"):
        x[:] = masked_tensor(torch.ones(3), ~torch.tensor(MASK))


def test_a_recorded_operation_in_place_sends_masked_gradients() -> None:
    x = leaf()
    y = x * 2
    y.exp_()
    y.sum().backward()
    assert x.grad.to_tensor(0).tolist() == pytest.approx([14.7781122, 0.0, 806.8576])


@pytest.mark.parametrize("name", ["cumsum", "softmax", "sort", "unbind", "split"])
def test_an_operator_without_a_meaning_here_says_what_to_do(name: str) -> None:
    argument = 1 if name == "split" else 0
    with pytest.raises(TypeError, match=rf"^{name} is not supported for MaskedTensor: use an ordinary tensor"):
        getattr(leaf(), name)(argument)
