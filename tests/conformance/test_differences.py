"""Ridders' differences: as accurate as measured elsewhere, and honest about how accurate."""

import numpy as np
import pytest

from conformance.oracles.differences import (
    differentiate,
    exact_direction,
    extrapolate,
    kinks,
    ridders,
    roughness,
    steps,
)

SMOOTH = {
    "sin": (np.sin, np.cos, (-3, 3)),
    "exp": (np.exp, np.exp, (-3, 3)),
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2, (-2, 2)),
    "log": (np.log, lambda x: 1 / x, (0.1, 5)),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x), (0.1, 5)),
    "cube": (lambda x: x**3, lambda x: 3 * x**2, (-3, 3)),
    "reciprocal": (lambda x: 1 / x, lambda x: -1 / x**2, (0.2, 3)),
    "arctan": (np.arctan, lambda x: 1 / (1 + x * x), (-3, 3)),
    "linear": (lambda x: 3 * x, lambda x: 3 + 0 * x, (-3, 3)),
}


def points(low, high, count=400):
    return np.random.default_rng(0).uniform(low, high, count)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_error_estimate_covers_the_truth(name):
    f, df, domain = SMOOTH[name]
    x = points(*domain)
    found = differentiate(f, x, np.minimum(np.abs(x), 1.0))
    error = np.abs(found.value - df(x) * found.direction)
    assert np.mean(error <= found.error) > 0.95
    assert (error <= 20 * found.error + 1e-300).all()


@pytest.mark.parametrize("name", SMOOTH)
def test_a_first_look_covers_the_truth(name):
    f, df, domain = SMOOTH[name]
    x, h = points(*domain), steps(4, 2.0**-5)
    v = exact_direction(x, 0.5 * np.minimum(np.abs(x), 1.0), h, 2.0**-53)
    move = h[:, None] * v
    value, estimate = extrapolate(f(x + move), f(x - move), h, 2.0**-53)
    error = np.abs(value - df(x) * v)
    assert np.mean(error <= estimate) > 0.95
    assert (error <= 20 * estimate + 1e-300).all()


def test_a_first_look_that_leaves_the_domain_is_no_estimate():
    with np.errstate(invalid="ignore"):
        h = steps(4, 2.0**-5)
        _, estimate = extrapolate(np.log(0.01 + h), np.log(0.01 - h), h, 2.0**-53)
    assert not np.isfinite(estimate)


def test_the_median_error_is_that_of_rounding():
    errors = []
    for f, df, domain in SMOOTH.values():
        x = points(*domain)
        found = differentiate(f, x, np.ones_like(x) * 0.5)
        errors.append(np.abs(found.value / (found.direction * df(x)) - 1))
    assert np.median(np.concatenate(errors)) < 1e-13  # measured: 2e-14


def test_steps_outside_the_domain_are_left_out():
    with np.errstate(invalid="ignore"):
        found = differentiate(np.log, np.array([0.03]), np.array([1.0]))  # the widest step is 0.06
    assert found.value == pytest.approx([1 / 0.03], rel=1e-9)
    assert np.isfinite(found.error).all()


def test_no_step_inside_the_domain_is_no_estimate():
    with np.errstate(invalid="ignore"):
        found = differentiate(np.sqrt, np.array([0.0]), np.array([1.0]))
    assert found.error == [np.inf]


def test_the_estimate_grows_with_the_noise_of_the_function():
    rough = differentiate(lambda x: np.sin(x) + 1e8 - 1e8, np.array([0.7]), np.array([1.0]))
    assert rough.error > 1e-9
    assert abs(rough.value - np.cos(0.7)) <= 20 * rough.error


@pytest.mark.parametrize(
    "f", [np.abs, lambda x: np.maximum(x, 0), lambda x: np.minimum(x, 2 * x)], ids=["abs", "relu", "min"]
)
def test_a_kink_is_noticed(f):
    h = steps(start=2.0**-15)
    assert kinks(f(h)[:, None], f(-h)[:, None], np.zeros(1), h, 2.0**-53) > 0.4


@pytest.mark.parametrize(
    "f",
    [np.sin, np.exp, lambda x: x**2, lambda x: 0 * x, lambda x: np.sin(1e9 * x)],
    ids=["sin", "exp", "square", "zero", "noise"],
)
def test_no_kink_is_noticed_where_there_is_none(f):
    h = steps(start=2.0**-15)
    assert kinks(f(0.3 + h)[:, None], f(0.3 - h)[:, None], f(np.array([0.3])), h, 2.0**-53) == 0


def test_directions_are_what_the_points_can_represent():
    x, v, h = np.array([1e8, 1.0, 1e-9, 0.0]), np.array([0.123, 0.7, 0.3, 0.1]), steps()
    rounded = exact_direction(x, v, h, 2.0**-53)
    np.testing.assert_allclose(rounded, v, rtol=1e-4)
    for step in h:
        np.testing.assert_allclose((x + step * rounded) - x, step * rounded, rtol=1e-15)


def test_a_staircase_is_rough_and_a_curve_is_not():
    h = steps(start=2.0**-10)
    sample = lambda f: roughness(f(1 + h)[:, None], f(1 - h)[:, None], f(np.ones(1)))[0]  # noqa: E731 - a name for a formula
    assert sample(np.exp) < 1e-14
    assert 1e-7 < sample(lambda x: np.round(x * 1e6) / 1e6) < 1e-6


def test_many_columns_are_as_few():
    h, x = steps(), points(0.1, 3, 5000)
    value, error = ridders(np.sin(x + h[:, None]), np.sin(x - h[:, None]), h, 2.0**-53)
    first = ridders(np.sin(x[:7] + h[:, None]), np.sin(x[:7] - h[:, None]), h, 2.0**-53)
    np.testing.assert_array_equal((value[:7], error[:7]), first)
