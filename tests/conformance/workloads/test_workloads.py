"""The workloads are what they say, the engines pass them, and wrong engines do not."""

import dataclasses

import numpy as np
import pytest

import conformance.workloads as suite
from conformance.errors import Unsupported, UsageError
from conformance.workloads import SEED, WORKLOADS, Workload, run_workloads
from conformance.workloads.comparing import FLOAT64, all_distances, distance
from conformance.workloads.decisions import positions
from conformance.workloads.judging import ORDERS, Trial
from conformance.workloads.model import initial
from conformance.workloads.training import train

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def torch():
    return suite.load("torch")


@pytest.fixture(scope="module")
def refgrad():
    return suite.load("refgrad")


def test_resnet_18_has_the_published_number_of_parameters():
    assert WORKLOADS["resnet18"].count() == 11_689_512


def test_weights_come_from_the_seed_and_are_the_same_numbers_in_both_precisions():
    double, single = (WORKLOADS["transformer"].arrays(t)[0] for t in ("float64", "float32"))
    for name, array in double.items():
        np.testing.assert_array_equal(array, single[name])
        np.testing.assert_array_equal(array, WORKLOADS["transformer"].arrays("float64")[0][name])
    other = WORKLOADS["transformer"].arrays("float64", seed=1)[0]
    assert not np.array_equal(other["head.weight"], double["head.weight"])


@pytest.mark.parametrize("workload", WORKLOADS)
def test_both_engines_pass(workload):
    results = run_workloads(["refgrad", "torch"], [workload])
    assert [(r.engine, r.workload) for r in results] == [("refgrad", workload), ("torch", workload)]
    for r in results:
        assert r.passed, r.reasons
        assert r.measured["float64"] <= 1e-9  # of each tensor's scale, as the requirement says


def test_the_lstm_takes_both_ways(torch):
    sides = train(torch, WORKLOADS["lstm"], "float64").decisions.sides
    assert len(sides) == 50
    assert 10 < sum(map(int, sides)) < 40


def test_frozen_parameters_have_no_gradient_and_stay(refgrad):
    workload = WORKLOADS["resnet18-frozen"]
    step = train(refgrad, workload, "float32")
    assert step.with_grad == {"fc.weight", "fc.bias"}
    before = workload.arrays("float32")[0]
    moved = {k for k, v in step.parameters.items() if not np.array_equal(v, before[k])}
    assert moved == {"fc.weight", "fc.bias"}


# --- chance: kinks and luck -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_order_of_the_units_is_of_no_consequence_and_changes_the_roundings(name, torch):
    workload = WORKLOADS[name]
    order = workload.orders(np.random.default_rng(3))
    usual, other = (train(torch, workload, "float64", order=o) for o in (None, order))
    furthest = max(all_distances(other, usual).values())
    assert 0 < furthest <= FLOAT64


def _near_the_kink(_rng):
    """Inputs by which the first element is 2^-25 above the kink in float64, and on it after float32's roundings."""
    start = initial(np.random.default_rng(SEED), "shift", (3,))
    return {"start": start, "one": np.ones(3), "above": np.array([2.0**-25, 1.0, -1.0])}


def _clipped(torch, p, x):
    moved = torch.sub(p["shift"], x["start"])
    return torch.sum(torch.nn.functional.relu(torch.sub(torch.add(torch.add(moved, x["one"]), x["above"]), x["one"])))


KINK = Workload(
    "kink", "an element that is on a kink but for a rounding", lambda: {"shift": (3,)}, _near_the_kink, _clipped
)


def test_a_step_on_another_side_of_a_kink_is_compared_with_float64_on_that_side(torch, refgrad):
    trial = Trial(KINK, SEED)
    ours, theirs = trial.steps(refgrad), trial.steps(torch)
    assert max(all_distances(ours["float32"], theirs["float64"]).values()) > 1e-3
    result = trial.judge(("refgrad", "torch"), torch, ours, theirs)
    assert result.passed, result.reasons
    assert result.measured["elsewhere"] == 1
    assert result.measured["float32"] < 1


def test_a_step_on_the_wrong_side_clear_of_the_kink_fails(torch):
    wrong = suite.load("torch")
    leaf = wrong.leaf
    wrong.leaf = lambda array, requires_grad: leaf(-array if 2.0**-25 in array else array, requires_grad)
    trial = Trial(KINK, SEED)
    result = trial.judge(("wrong", "torch"), torch, trial.steps(wrong), trial.steps(torch))
    assert [r for r in result.reasons if "decision 1 is 1.0e+00 of its scale across the kink" in r]


def test_a_step_made_to_take_its_own_sides_is_the_same_step(torch):
    workload = WORKLOADS["resnet18"]
    usual = train(torch, workload, "float64")
    assert max(all_distances(train(torch, workload, "float64", like=usual), usual).values()) < 1e-11
    assert {s.dtype.kind for s in usual.decisions.sides} == {"b", "i"}  # activations, and one pooling


def test_the_largest_of_each_window_is_found_around_the_edges_too():
    z = np.random.default_rng(1).standard_normal((2, 3, 7, 5))
    from torch import tensor
    from torch.nn.functional import max_pool2d

    options = {"kernel_size": (3, 3), "stride": (2, 2), "padding": (1, 1)}
    expected = max_pool2d(tensor(z), **options, return_indices=True)[1].numpy()
    np.testing.assert_array_equal(positions(z, options), expected)


def _almost_nothing(_rng):
    """The sum of the weights, as nearly as float32 has it: what is left of it is little but roundings."""
    weights = initial(np.random.default_rng(SEED), "weights", (300,))
    return {"sum": np.array(weights.astype(np.float64).sum())}


def _square_of_the_rest(torch, p, x):
    rest = torch.sub(torch.sum(p["weights"]), x["sum"])
    return torch.mul(rest, rest)


CANCELLING = Workload(
    "cancelling",
    "a gradient that is little but roundings",
    lambda: {"weights": (300,)},
    _almost_nothing,
    _square_of_the_rest,
    lambda _name: ("unit",),
    lambda rng: {"unit": rng.permutation(300)},
    lr=1e5,
)


def test_a_witness_that_was_lucky_with_its_roundings_is_measured_in_other_orders(torch, refgrad):
    trial = Trial(CANCELLING, SEED)
    ours, theirs = trial.steps(refgrad), trial.steps(torch)
    exact = {k: v.astype(np.float32) for k, v in theirs["float64"].parameters.items()}
    lucky = theirs | {"float32": dataclasses.replace(theirs["float32"], parameters=exact)}
    unlucky = {k: v + np.float32(0.01) for k, v in exact.items()}
    ours = ours | {"float32": dataclasses.replace(ours["float32"], parameters=unlucky)}
    result = trial.judge(("refgrad", "torch"), torch, ours, lucky)
    assert result.measured["orders"] > 1
    assert result.measured["float32"] < 100  # beside a step without any rounding it would be more than 10,000


# --- wrong engines ----------------------------------------------------------------------------------------------------


def judged(change, workload=WORKLOADS["lstm"]):
    """The result of an engine that is PyTorch but for one change."""
    wrong, witness, trial = suite.load("torch"), suite.load("refgrad"), Trial(workload, SEED)
    change(wrong)
    return trial.judge(("wrong", "refgrad"), witness, trial.steps(wrong), trial.steps(witness))


def a_millionth_off(wrong):
    backward = wrong.backward

    def scaled(output, cotangent, retain_graph):
        backward(output, wrong.torch.tensor(1 + 1e-6, dtype=output.dtype), retain_graph)

    wrong.backward = scaled


def off_in_float32(wrong):
    backward = wrong.backward

    def scaled(output, cotangent, retain_graph):
        factor = 1 + 1e-4 if output.dtype == wrong.torch.float32 else 1.0
        backward(output, wrong.torch.tensor(factor, dtype=output.dtype), retain_graph)

    wrong.backward = scaled


def unfrozen(wrong):
    leaf = wrong.leaf
    wrong.leaf = lambda array, requires_grad: leaf(array, array.dtype.kind == "f" or requires_grad)


def without_sigmoid(wrong):
    operator = wrong.operator

    def find(name):
        if name == "sigmoid":
            raise Unsupported("operator:sigmoid")
        return operator(name)

    wrong.operator = find


def test_gradients_that_are_a_millionth_off_fail():
    assert any("in float64" in reason for reason in judged(a_millionth_off).reasons)


def test_gradients_that_are_off_in_float32_fail_in_any_order():
    result = judged(off_in_float32)
    assert any("in float32" in reason for reason in result.reasons)
    assert result.measured["orders"] == ORDERS


def test_an_engine_that_trains_frozen_parameters_fails():
    workload = dataclasses.replace(WORKLOADS["lstm"], trained=lambda name: name.startswith("out."))
    reasons = judged(unfrozen, workload).reasons
    assert any("is frozen, and its .grad is not None" in reason for reason in reasons)


def test_a_missing_operator_is_named():
    result = judged(without_sigmoid)
    assert (result.status, result.reasons) == ("unsupported", ("needs operator:sigmoid",))


def test_unknown_workloads_and_engines_are_refused():
    with pytest.raises(UsageError, match="no workload 'lst'"):
        run_workloads(["refgrad"], ["lst"])
    with pytest.raises(UsageError, match="no engine"):
        run_workloads(["nothing"])


def test_distance_is_relative_to_the_largest_element_and_infinite_for_what_is_not_finite():
    assert distance(np.array([0.0, 9.0]), np.array([1.0, 10.0])) == pytest.approx(0.1)
    assert distance(np.array([np.nan]), np.array([1.0])) == np.inf
    assert distance(np.zeros(2), np.zeros(3)) == np.inf
