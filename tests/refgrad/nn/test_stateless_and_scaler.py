"""Calling modules with other parameters, and scaling losses."""

import pytest

import refgrad as torch
from refgrad import nn
from refgrad.amp import GradScaler
from refgrad.nn.utils.stateless import functional_call, stack_module_state
from refgrad.optim import SGD


def test_a_module_gets_its_own_parameters_back_even_when_forward_raises():
    m = nn.Linear(1, 1)
    own = m.weight
    with pytest.raises(RuntimeError):
        functional_call(m, {"weight": torch.ones(3, 3)}, torch.ones(1, 1))
    assert m.weight is own


def test_gradients_flow_to_the_tensors_given():
    m, w = nn.Linear(1, 1), torch.full((1, 1), 2.0, requires_grad=True)
    functional_call(m, {"weight": w}, torch.full((1, 1), 3.0)).backward()
    assert w.grad.item() == 3.0
    assert m.weight.grad is None


@pytest.mark.parametrize(
    "given,error,message",
    [
        ({"weight": torch.ones(1, 1)}, RuntimeError, "Missing key.*'bias'"),
        ({"weight": torch.ones(1, 1), "bias": torch.ones(1), "x": torch.ones(1)}, RuntimeError, "Unexpected key.*'x'"),
        (({"bias": torch.ones(1)}, {"bias": torch.ones(1)}), ValueError, "appeared in multiple dictionaries"),
        (3, ValueError, "to be a dict, or a list/tuple of dicts"),
    ],
    ids=["missing", "unexpected", "twice", "no-dict"],
)
def test_strict_calls_refuse_what_does_not_fit(given, error, message):
    with pytest.raises(error, match=message):
        functional_call(nn.Linear(1, 1), given, torch.ones(1, 1), strict=True)


def test_stacking_needs_models_of_one_class_and_mode():
    for models in ([], [nn.ReLU(), nn.Linear(1, 1)], [nn.ReLU(), nn.ReLU().eval()]):
        with pytest.raises(RuntimeError, match="stack_module_state: Expected"):
            stack_module_state(models)


def test_the_factor_grows_after_enough_steps_and_shrinks_after_an_overflow():
    w = nn.Parameter(torch.ones(1))
    optimizer, scaler = SGD([w], lr=0.1), GradScaler("cpu", init_scale=4.0, growth_interval=2)
    scales = []
    for factor in (1.0, 1.0, float("inf"), 1.0):
        before = w.item()
        optimizer.zero_grad()
        scaler.scale((w * factor).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        scales.append(scaler.get_scale())
        assert (w.item() == before) == (factor == float("inf"))
    assert scales == [4.0, 8.0, 4.0, 4.0]


def test_a_saved_scaler_continues():
    scaler = GradScaler("cpu", init_scale=4.0)
    scaler.load_state_dict({**scaler.state_dict(), "scale": 16.0})
    assert scaler.get_scale() == 16.0
