"""The workloads are what they say, the engines pass them, and wrong engines do not."""

import numpy as np
import pytest

import conformance.workloads as suite
from conformance.errors import UsageError
from conformance.workloads import WORKLOADS, run_workloads
from conformance.workloads.comparing import distance
from conformance.workloads.training import train

pytest.importorskip("torch")


def engine(name):
    return suite._load(name)


def test_resnet_18_has_the_published_number_of_parameters():
    assert WORKLOADS["resnet18"].count() == 11_689_512


def test_weights_come_from_the_seed_and_are_the_same_numbers_in_both_precisions():
    double, single = (WORKLOADS["transformer"].arrays(t)[0] for t in ("float64", "float32"))
    for name, array in double.items():
        np.testing.assert_array_equal(array, single[name])
        np.testing.assert_array_equal(array, WORKLOADS["transformer"].arrays("float64")[0][name])


@pytest.mark.parametrize("workload", WORKLOADS)
def test_both_engines_pass(workload):
    results = run_workloads(["refgrad", "torch"], [workload])
    assert [(r.engine, r.workload) for r in results] == [("refgrad", workload), ("torch", workload)]
    for r in results:
        assert r.passed, r.reasons
        assert r.float64 <= 1e-9  # of each tensor's scale, as the requirement says


def test_the_lstm_takes_both_ways_and_no_decision_is_close():
    workload, torch = WORKLOADS["lstm"], engine("torch")
    sums = []
    read = torch.read
    torch.read = lambda x: sums.append(read(x)) or read(x)
    step = train(torch, workload, "float64")
    assert len(step.decisions) == 50
    assert 10 < sum(step.decisions) < 40
    # the first 50 numbers read are those decided on; float32 is off by about 1e-6 of them
    assert min(abs(float(s)) for s in sums[:50]) > 1e-3


def test_frozen_parameters_have_no_gradient_and_stay():
    workload = WORKLOADS["resnet18-frozen"]
    step = train(engine("refgrad"), workload, "float32")
    assert step.with_grad == {"fc.weight", "fc.bias"}
    before = workload.arrays("float32")[0]
    moved = {k for k, v in step.parameters.items() if not np.array_equal(v, before[k])}
    assert moved == {"fc.weight", "fc.bias"}


def failing(change, workload="lstm"):
    """The reasons for which an engine fails that is PyTorch but for one change."""
    wrong = engine("torch")
    change(wrong)
    steps = {
        "wrong": suite._train(wrong, WORKLOADS[workload]),
        "refgrad": suite._train(engine("refgrad"), WORKLOADS[workload]),
    }
    return suite._result(WORKLOADS[workload], "wrong", "refgrad", steps).reasons


def a_millionth_off(wrong):
    backward = wrong.backward

    def scaled(output, cotangent, retain_graph):
        backward(output, wrong.torch.tensor(1 + 1e-6, dtype=output.dtype), retain_graph)

    wrong.backward = scaled


def unfrozen(wrong):
    leaf = wrong.leaf
    wrong.leaf = lambda array, requires_grad: leaf(array, array.dtype.kind == "f" or requires_grad)


def without_sigmoid(wrong):
    operator = wrong.operator

    def find(name):
        if name == "sigmoid":
            raise suite.Unsupported("operator:sigmoid")
        return operator(name)

    wrong.operator = find


def test_gradients_that_are_a_millionth_off_fail():
    assert any("in float64" in reason for reason in failing(a_millionth_off))


def test_an_engine_that_trains_frozen_parameters_fails():
    assert any("is frozen, and its .grad is not None" in reason for reason in failing(unfrozen, "resnet18-frozen"))


def test_a_missing_operator_is_named():
    assert failing(without_sigmoid) == ("wrong: the engine lacks operator:sigmoid",)


def test_unknown_workloads_and_engines_are_refused():
    with pytest.raises(UsageError, match="no workload 'lst'"):
        run_workloads(["refgrad"], ["lst"])
    with pytest.raises(UsageError, match="no engine"):
        run_workloads(["nothing"])


def test_distance_is_relative_to_the_largest_element_and_infinite_for_what_is_not_finite():
    assert distance(np.array([0.0, 9.0]), np.array([1.0, 10.0])) == pytest.approx(0.1)
    assert distance(np.array([np.nan]), np.array([1.0])) == np.inf
    assert distance(np.zeros(2), np.zeros(3)) == np.inf
