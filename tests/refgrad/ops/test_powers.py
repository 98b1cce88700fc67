"""Powers where a slope is zero: it is zero at this exponent, and still changes with it."""

import pytest

import refgrad as torch


@pytest.mark.parametrize(
    ("base", "exponent", "mixed"), [(2.0, 0.0, 0.5), (4.0, 0.0, 0.25), (2.0, 1.0, 1.6931471805599454)]
)
def test_the_slope_by_the_base_changes_with_the_exponent(base, exponent, mixed):
    x = torch.tensor(base, dtype=torch.float64, requires_grad=True)
    p = torch.tensor(exponent, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(x**p, x, create_graph=True)
    assert float(slope) == exponent * base ** (exponent - 1)
    (found,) = torch.autograd.grad(slope, p, create_graph=True)
    assert float(found) == pytest.approx(mixed, rel=1e-15)  # x^(p-1) (1 + p ln x)


def test_a_third_derivative_that_passes_through_exponent_zero():
    x = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    p = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(x**p, x, create_graph=True)
    (curvature,) = torch.autograd.grad(slope, x, create_graph=True)
    assert float(torch.autograd.grad(curvature, p)[0]) == 0.5


@pytest.mark.parametrize("base", [0.0, -0.0])
def test_zero_to_the_power_of_zero_has_no_slope(base):
    x = torch.tensor([base], dtype=torch.float64, requires_grad=True)
    p = torch.tensor([0.0], dtype=torch.float64)
    assert torch.autograd.grad(x**p, x, torch.ones(1, dtype=torch.float64))[0].tolist() == [0.0]
