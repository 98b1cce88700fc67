"""Tensors on the device: making and moving them, gradients where leaves are, PyTorch's errors, streams and memory."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import refgrad as torch
from refgrad import nn
from refgrad.backends import namespace
from tests.refgrad.cuda import stand_in

CUDA = torch.device("cuda:0")


def _leaf(*values: float, device: str = "cuda") -> torch.Tensor:
    return torch.tensor(list(values), dtype=torch.float64, device=device, requires_grad=True)


# --- making and moving ------------------------------------------------------------------------------------------------


MADE = """
torch.tensor([1.0, 2.0], device="cuda")
torch.zeros(2, device="cuda")
torch.ones(2, 3, device="cuda:0")
torch.full((2,), 3.0, device=torch.device("cuda"))
torch.arange(3, device="cuda")
torch.linspace(0, 1, 3, device="cuda")
torch.logspace(0, 1, 3, device="cuda")
torch.eye(2, device=0)
torch.randn(2, device="cuda")
torch.rand(2, device="cuda")
torch.randint(3, (2,), device="cuda")
torch.randperm(3, device="cuda")
torch.as_tensor(np.ones(2), device="cuda")
torch.asarray([1.0], device="cuda")
torch.zeros_like(torch.ones(2, device="cuda"))
torch.zeros_like(torch.ones(2), device="cuda")
torch.full_like(torch.ones(2, device="cuda"), 2.0)
torch.rand_like(torch.ones(2, device="cuda"))
torch.ones(2, device="cuda").new_zeros(3)
torch.ones(2, device="cuda").new_tensor([1.0])
torch.normal(torch.zeros(2, device="cuda"), 1.0)
torch.bernoulli(torch.full((2,), 0.5, device="cuda"))
torch.ones(2).cuda()
torch.ones(2).to(0)
torch.ones(2).to("cuda", torch.float64)
torch.ones(2).to(torch.ones(1, device="cuda"))
copy.deepcopy(torch.ones(2, device="cuda"))
"""


@pytest.mark.parametrize("code", MADE.strip().splitlines())
def test_a_tensor_made_for_the_device_lies_there(device: str, code: str) -> None:
    x = eval(code, {"torch": torch, "np": np, "copy": copy})  # noqa: S307 - a line of the table above
    assert x.device == CUDA
    assert x.is_cuda
    assert not x.is_cpu


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16", "complex64", "int64", "uint8", "bool"])
def test_a_round_trip_keeps_every_element(device: str, dtype: str) -> None:
    x = torch.tensor([[0, 1, 1], [1, 0, 1]]).to(getattr(torch, dtype))
    assert x.cuda().dtype == x.dtype
    assert x.cuda().cpu().tolist() == x.tolist()


def test_a_tensor_that_lies_there_is_itself(device: str) -> None:
    x = torch.ones(2, device="cuda")
    assert x.cuda() is x
    assert x.to("cuda:0") is x
    assert x.to("cuda", copy=True) is not x
    assert x.cpu().cpu().device == torch.device("cpu")


def test_the_device_is_printed(device: str) -> None:
    assert repr(torch.tensor([1.0, 2.0], device="cuda")) == "tensor([1., 2.], device='cuda:0')"
    assert torch.ones(1, device="cuda").type() == "torch.cuda.FloatTensor"


def test_numpy_refuses_what_lies_on_the_device(device: str) -> None:
    with pytest.raises(TypeError, match=r"can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu\(\)"):
        torch.ones(2, device="cuda").numpy()


def test_a_seed_says_the_same_numbers_on_every_device(device: str) -> None:
    drawn = []
    for place in ("cpu", "cuda"):
        torch.manual_seed(3)
        drawn.append(torch.randn(4, device=place).tolist())
    assert drawn[0] == drawn[1]


def test_a_table_is_sent_once_and_data_each_time(device: str) -> None:
    positions = np.array([1, 0, 1])
    positions.flags.writeable = False
    x = torch.arange(2, device="cuda")
    torch.as_tensor(positions, device="cuda").zero_()
    assert torch.as_tensor(positions, device="cuda").tolist() == [1, 0, 1]
    xp = namespace(x._data)
    stand_in.crossings.clear()
    for _ in range(2):
        assert xp.take(x._data, positions, 0).tolist() == [1, 0, 1]
    if device == "stand-in":
        assert [direction for direction, _ in stand_in.crossings].count("to device") == 1


def test_another_device_than_the_one_in_use_is_refused(device: str) -> None:
    with pytest.raises(RuntimeError, match="set CUDA_VISIBLE_DEVICES=7"):
        torch.zeros(1, device="cuda:7")


# --- gradients --------------------------------------------------------------------------------------------------------


def test_the_gradient_lies_where_its_leaf_lies(device: str) -> None:
    here, there = _leaf(2.0, 3.0, device="cpu"), _leaf(4.0, 5.0)
    (here.cuda() * there).sum().backward()
    assert here.grad.device == torch.device("cpu")
    assert here.grad.tolist() == [4.0, 5.0]
    assert there.grad.device == CUDA
    assert there.grad.tolist() == [2.0, 3.0]


def test_a_graph_goes_there_and_back(device: str) -> None:
    x = _leaf(0.5, -1.0, device="cpu")
    ((x * 2).cuda().sin().cpu() * x).sum().backward()
    expected = np.sin(2 * x.detach().numpy()) + 2 * np.cos(2 * x.detach().numpy()) * x.detach().numpy()
    np.testing.assert_allclose(x.grad.numpy(), expected, rtol=1e-14)  # three roundings


def test_a_second_derivative_passes_between_devices(device: str) -> None:
    x = _leaf(2.0, device="cpu")
    (g,) = torch.autograd.grad((x.cuda() ** 3).sum(), x, create_graph=True)
    assert torch.autograd.grad(g.sum(), x)[0].tolist() == [12.0]


def test_a_tangent_passes_between_devices(device: str) -> None:
    y, t = torch.func.jvp(lambda x: x.cuda() * 3, (torch.ones(2),), (torch.tensor([1.0, 2.0]),))
    assert (y.device, t.device) == (CUDA, CUDA)
    assert t.tolist() == [3.0, 6.0]


def test_a_single_number_of_the_cpu_goes_along_and_its_gradient_comes_back(device: str) -> None:
    s = torch.tensor(2.0, requires_grad=True)
    (s * torch.ones(3, device="cuda")).sum().backward()
    assert s.grad.device == torch.device("cpu")
    assert s.grad.item() == 3.0


def test_positions_of_the_cpu_index_a_tensor_of_the_device(device: str) -> None:
    x = _leaf(1.0, 2.0, 3.0)
    (x[torch.tensor([2, 0, 2])] * 2).sum().backward()
    assert x.grad.tolist() == [2.0, 0.0, 4.0]


def test_an_accumulated_gradient_stays_there(device: str) -> None:
    x = _leaf(1.0, 2.0)
    for _ in range(2):
        (x * x).sum().backward()
    assert x.grad.device == CUDA
    assert x.grad.tolist() == [4.0, 8.0]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_accumulates_in_its_dtype(device: str, dtype: str) -> None:
    x = torch.tensor([1.5, -2.0], dtype=getattr(torch, dtype), device="cuda", requires_grad=True)
    (x * x + x).sum().backward()
    assert x.grad.dtype == x.dtype
    assert x.grad.tolist() == [4.0, -3.0]


def test_views_share_memory_and_history(device: str) -> None:
    x = _leaf(1.0, 2.0, 3.0, 4.0)
    y = x * 1
    y.view(2, 2)[1].mul_(3)
    y.as_strided((2,), (2,), 1).add_(1)
    y.sum().backward()
    assert y.tolist() == [1.0, 3.0, 9.0, 13.0]
    assert x.grad.tolist() == [1.0, 1.0, 3.0, 3.0]
    assert y[1:].data_ptr() - y.data_ptr() == 8


def test_a_write_into_what_was_saved_is_noticed(device: str) -> None:
    x = _leaf(1.0, 2.0)
    y = x.exp()
    y.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_gradcheck_takes_tensors_of_the_device(device: str) -> None:
    assert torch.autograd.gradcheck(lambda x: x.sin() * x, (_leaf(0.3, -0.4),))
    assert torch.autograd.gradgradcheck(lambda x: x.sin() * x, (_leaf(0.3, -0.4),))


# --- modules ----------------------------------------------------------------------------------------------------------


def test_a_module_trains_on_the_device_as_on_the_cpu(device: str) -> None:
    losses = {}
    for place in ("cpu", "cuda"):
        torch.manual_seed(0)
        model = nn.Sequential(
            nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.3),
            nn.Linear(8, 3),
        ).double()  # fmt: skip
        model = model.cuda() if place == "cuda" else model
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
        x = torch.randn(4, 1, 6, 6, dtype=torch.float64, device=place)
        target = torch.tensor([0, 1, 2, 0], device=place)
        losses[place] = []
        for _ in range(3):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), target)
            loss.backward()
            optimizer.step()
            losses[place].append(loss.item())
        assert {p.grad.device for p in model.parameters()} == {torch.device(place) if place == "cpu" else CUDA}
    np.testing.assert_allclose(losses["cuda"], losses["cpu"], rtol=1e-8)  # sums in another order, three steps on


def test_a_module_comes_back_with_its_buffers(device: str) -> None:
    model = nn.BatchNorm1d(2).cuda()
    assert model.running_mean.device == CUDA
    model.cpu()
    assert {x.device.type for x in (*model.parameters(), *model.buffers())} == {"cpu"}


def test_saved_values_can_wait_on_the_cpu(device: str) -> None:
    x = _leaf(0.5, 1.0)
    with torch.autograd.graph.save_on_cpu():
        y = x.exp()
    y.sum().backward()
    assert x.grad.device == CUDA
    assert x.grad.tolist() == y.tolist()


# --- errors -----------------------------------------------------------------------------------------------------------

BOTH = r"Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"


MIXED = """
here + there
there * here
torch.cat([here, there])
torch.where(there > 0, there, here)
here.reshape(1, 2) @ there.reshape(2, 1)
torch.ones(1) + torch.ones((), device="cuda")
there.gather(0, torch.tensor([0]))
there.add_(here)
"""


@pytest.mark.parametrize("code", MIXED.strip().splitlines())
def test_tensors_of_two_devices_do_not_mix(device: str, code: str) -> None:
    tensors = {"here": torch.ones(2), "there": torch.ones(2, device="cuda")}
    with pytest.raises(RuntimeError, match=BOTH):
        eval(code, {"torch": torch, **tensors})  # noqa: S307 - a line of the table above


def test_a_cotangent_of_another_device_is_refused(device: str) -> None:
    x = _leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match="invalid gradient at index 0 - expected device cuda:0 but got cpu"):
        (x * 2).backward(torch.ones(2, dtype=torch.float64))
    with pytest.raises(RuntimeError, match="invalid gradient at index 0 - expected device cpu but got cuda:0"):
        torch.autograd.grad(x.cpu() * 2, x, torch.ones(2, dtype=torch.float64, device="cuda"))


def test_a_gradient_of_another_device_is_not_assigned(device: str) -> None:
    with pytest.raises(RuntimeError, match="gradient with device type 'cpu' to a tensor with device type 'cuda'"):
        _leaf(1.0).grad = torch.ones(1, dtype=torch.float64)


def test_memory_that_runs_out_is_said_and_the_next_operation_works(device: str) -> None:
    free, _ = torch.cuda.mem_get_info()
    with pytest.raises(torch.cuda.OutOfMemoryError, match=r"CUDA out of memory\. Tried to allocate") as caught:
        torch.zeros(2 * free // 4 + 2**29, device="cuda")
    assert "\n" not in str(caught.value)
    assert torch.ones(2, device="cuda").sum().item() == 2.0


# --- streams and memory -----------------------------------------------------------------------------------------------


def test_backward_runs_on_the_stream_of_its_forward(device: str) -> None:
    x = _leaf(1.0, 2.0)
    seen, stream = [], torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        y = x * 2
        assert torch.cuda.current_stream() == stream
    assert torch.cuda.current_stream() == torch.cuda.default_stream()
    y.grad_fn.register_hook(lambda *_: seen.append(torch.cuda.current_stream()))
    torch.cuda.current_stream().wait_stream(stream)
    y.sum().backward()
    assert seen == [stream]
    assert torch.cuda.current_stream() == torch.cuda.default_stream()
    assert x.grad.tolist() == [2.0, 2.0]


def test_an_event_marks_the_work_before_it(device: str) -> None:
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()
    torch.ones(10, device="cuda").sum()
    end.record()
    end.synchronize()
    assert end.query()
    assert begin.elapsed_time(end) >= 0
    torch.cuda.synchronize()


def test_the_device_says_what_it_is(device: str) -> None:
    x = torch.ones(1000, device="cuda")
    assert torch.cuda.is_available()
    assert torch.cuda.device_count() == 1
    assert torch.cuda.current_device() == 0
    assert torch.cuda.get_device_name()
    assert torch.cuda.get_device_capability()[0] > 0
    assert torch.cuda.memory_allocated() > 0
    assert torch.cuda.memory_reserved() >= torch.cuda.memory_allocated()
    torch.cuda.empty_cache()
    assert {"cupy", "cuda", "driver"} <= torch.cuda.versions().keys()
    assert x.sum().item() == 1000


def test_nothing_goes_to_the_host_in_a_forward_and_backward_pass(device: str) -> None:
    x, w = torch.randn(8, 4, device="cuda"), torch.randn(4, 3, device="cuda").requires_grad_()
    stand_in.crossings.clear()
    (x @ w).tanh().softmax(-1).log().mean().backward()
    assert stand_in.crossings == []
