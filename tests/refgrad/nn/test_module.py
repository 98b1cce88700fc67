"""Modules: registering, state, conversions, hooks and text."""

import copy
import pickle

import pytest

import refgrad as torch
from refgrad import nn

real = pytest.importorskip("torch")


def example(nn):
    return nn.Sequential(nn.Linear(2, 3), nn.ModuleDict({"a": nn.BatchNorm1d(3)}), nn.ModuleList([nn.Linear(1, 1)] * 2))


def test_names_are_those_of_torch():
    ours, theirs = example(nn), example(real.nn)
    for members in ("named_parameters", "named_buffers", "named_modules", "named_children", "state_dict"):
        a, b = getattr(ours, members)(), getattr(theirs, members)()
        assert [n[0] if isinstance(n, tuple) else n for n in a] == [n[0] if isinstance(n, tuple) else n for n in b], (
            members
        )


MISTAKES = {
    "dot": "m.register_parameter('a.b', None)",
    "empty": "m.register_buffer('', None)",
    "taken": "m.register_parameter('forward', None)",
    "no-parameter": "setattr(m, 'weight', torch.ones(2))",
    "tensor": "m.register_parameter('w', torch.ones(2))",
    "non-leaf-buffer": "m.register_buffer('w', 3)",
    "no-attribute": "m.nope",
    "no-submodule": "m.get_submodule('a.b')",
    "no-parameter-there": "m.get_parameter('zz')",
    "no-module": "m.add_module('z', 3)",
    "no-forward": "nn.Module()(1)",
    "integers": "m.to(torch.int32)",
    "missing-key": "m.load_state_dict({'weight': torch.ones(1, 2)})",
    "unexpected-key": "m.load_state_dict({'weight': torch.ones(1, 2), 'bias': torch.ones(1), 'x': 1})",
    "wrong-size": "m.load_state_dict({'weight': torch.ones(3, 2), 'bias': torch.ones(1)})",
    "no-state": "m.load_state_dict(3)",
    "no-mode": "m.train(3)",
    "integer-parameter": "nn.Parameter(torch.ones(1, dtype=torch.int64))",
    "groups": "nn.Conv2d(3, 4, 1, groups=2)",
    "heads": "nn.MultiheadAttention(3, 2)",
    "dropout": "nn.Dropout(2)",
    "batch-norm": "nn.BatchNorm2d(3)(torch.ones(2, 3))",
    "one-value": "nn.BatchNorm1d(3)(torch.ones(1, 3))",
    "index": "nn.Sequential(m)[3]",
}


@pytest.mark.parametrize("text", MISTAKES.values(), ids=MISTAKES)
def test_mistakes_raise_torchs_error(text):
    raised = []
    for namespace, modules in ((torch, nn), (real, real.nn)):
        scope = {"torch": namespace, "nn": modules, "m": modules.Linear(2, 1)}
        with pytest.raises(Exception) as info:  # noqa: PT011 - whatever PyTorch raises is right
            eval(text, scope)  # noqa: S307 - the texts are above
        raised.append((type(info.value), str(info.value)))
    assert raised[0] == raised[1]


def test_parameters_before_init_are_refused():
    class Early(nn.Module):
        def __init__(self):
            self.p = nn.Parameter(torch.ones(1))

    with pytest.raises(AttributeError, match=r"before Module.__init__\(\) call"):
        Early()


def test_assigning_moves_a_name_between_kinds():
    m = nn.Module()
    m.x = nn.Parameter(torch.ones(1))
    m.x = None
    assert "x" in m._parameters
    del m.x
    m.x = nn.Linear(1, 1)
    assert dict(m.named_children()) == {"x": m.x}
    m.y = 3
    m.y = nn.Parameter(torch.ones(1))
    assert "y" in dict(m.named_parameters())
    assert "y" not in m.__dict__


def test_buffers_that_are_not_persistent_stay_out_of_the_state():
    m = nn.Module()
    m.register_buffer("kept", torch.ones(1))
    m.register_buffer("dropped", torch.ones(1), persistent=False)
    m.third = nn.Buffer(torch.ones(1))
    assert list(m.state_dict()) == ["kept", "third"]
    assert [n for n, _ in m.named_buffers()] == ["kept", "dropped", "third"]
    m.kept = torch.zeros(1)
    assert m.state_dict()["kept"].item() == 0.0


def test_loading_says_what_did_not_match():
    keys = nn.Linear(1, 1).load_state_dict({"weight": torch.ones(1, 1), "more": torch.ones(1)}, strict=False)
    assert (keys.missing_keys, keys.unexpected_keys) == (["bias"], ["more"])
    assert repr(nn.ReLU().load_state_dict({})) == "<All keys matched successfully>"


def test_loading_by_assignment_takes_the_tensors():
    m, weight = nn.Linear(1, 1, bias=False), torch.ones(1, 1, dtype=torch.float64)
    m.load_state_dict({"weight": weight}, assign=True)
    assert m.weight.dtype == torch.float64
    assert m.weight.data_ptr() == weight.data_ptr()
    assert isinstance(m.weight, nn.Parameter)


def test_extra_state_travels_along():
    class Counting(nn.Module):
        n = 1

        def get_extra_state(self):
            return {"n": self.n}

        def set_extra_state(self, state):
            self.n = state["n"]

    saved = nn.Sequential(Counting()).state_dict()
    saved["0._extra_state"]["n"] = 7
    m = nn.Sequential(Counting())
    m.load_state_dict(saved)
    assert m[0].n == 7


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["copy", "pickle"])  # noqa: S301
def test_duplicates_are_equal_and_independent(duplicate):
    m = nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1))
    m[0].bias.requires_grad_(False)
    twin = duplicate(m)
    assert repr(twin) == repr(m)
    assert [p.requires_grad for p in twin.parameters()] == [True, False, True, True]
    with torch.no_grad():
        twin[0].weight.add_(1)
    assert not torch.equal(twin[0].weight, m[0].weight)


def test_conversion_keeps_parameters_and_converts_gradients():
    m = nn.Linear(1, 1)
    w = m.weight
    m(torch.ones(1, 1)).backward()
    m.double()
    assert m.weight is w
    assert w.grad.dtype == torch.float64
    m(torch.ones(1, 1, dtype=torch.float64)).backward()
    assert w.grad.item() == 2.0
    assert m.half().weight.dtype == torch.float16


@pytest.mark.parametrize(
    "target",
    ["cpu", torch.device("cpu"), torch.float64, torch.ones(1, dtype=torch.float64)],
    ids=["cpu", "device", "dtype", "tensor"],
)
def test_a_module_goes_where_it_is_told(target):
    m = nn.BatchNorm1d(1).to(target)
    assert m.weight.dtype == m.running_mean.dtype == (torch.float32 if "cpu" in str(target) else torch.float64)
    assert m.num_batches_tracked.dtype == torch.int64
    assert m.to(dtype=torch.float16, device="cpu").bias.dtype == torch.float16


def test_forward_hooks_replace_arguments_and_results():
    m, log = nn.Identity(), []
    m.register_forward_pre_hook(lambda _, args: (args[0] + 1,))
    m.register_forward_pre_hook(lambda _, args, kwargs: log.append((args, kwargs)), with_kwargs=True, prepend=True)
    handle = m.register_forward_hook(lambda _, args, y: y * 10)
    assert m(1) == 20
    handle.remove()
    assert m(1) == 2
    assert log == [((1,), {}), ((1,), {})]


def test_a_hook_that_is_always_called_runs_when_forward_raises():
    class Failing(nn.Module):
        def forward(self):
            raise ValueError("no")

    m, log = Failing(), []
    m.register_forward_hook(lambda *_: log.append("always"), always_call=True)
    m.register_forward_hook(lambda *_: log.append("otherwise"))
    with pytest.raises(ValueError, match="no"):
        m()
    assert log == ["always"]


@pytest.mark.parametrize("replaced", [(1, 2), ()], ids=["two", "none"])
def test_a_backward_hook_must_return_as_many_gradients(replaced):
    m = nn.Linear(1, 1)
    m.register_full_backward_hook(lambda *_: replaced)
    with pytest.raises(RuntimeError, match="Backward hook returned an invalid number of grad_input"):
        m(torch.ones(1, 1, requires_grad=True)).sum().backward()


def test_a_module_may_be_shared_and_its_parameters_come_once():
    layer = nn.Linear(1, 1)
    m = nn.Sequential(layer, layer)
    assert len(list(m.parameters())) == 2
    assert list(m.state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]


def test_sequences_are_sequences():
    m = nn.Sequential(nn.Linear(1, 2), nn.ReLU())
    m.append(nn.Linear(2, 1))
    m.insert(0, nn.Identity())
    assert [type(x).__name__ for x in m] == ["Identity", "Linear", "ReLU", "Linear"]
    assert isinstance(m[1:3], nn.Sequential)
    del m[0]
    assert m.pop(-1).out_features == 1
    assert len(m) == 2
    assert list(m.state_dict()) == ["0.weight", "0.bias"]


def test_parameters_as_a_vector_and_back():
    m = nn.Linear(2, 1)
    vector = nn.utils.parameters_to_vector(m.parameters())
    nn.utils.vector_to_parameters(vector.detach() * 0 + 5, m.parameters())
    assert m.weight.tolist() == [[5.0, 5.0]]
    assert m.bias.requires_grad


@pytest.mark.parametrize(
    "name", ["xavier_uniform_", "kaiming_normal_", "orthogonal_", "trunc_normal_", "dirac_", "sparse_"]
)
def test_initial_values_have_their_spread(name):
    shape = (40, 40, 3) if name == "dirac_" else (60, 40)
    options = {"sparsity": 0.3} if name == "sparse_" else {}
    found = []
    for namespace, modules in ((torch, nn), (real, real.nn)):
        namespace.manual_seed(0)
        found.append(getattr(modules.init, name)(namespace.empty(shape), **options).std().item())
    assert found[0] == pytest.approx(found[1], rel=0.08)  # 2400 draws: the spread is known to about 1.5 %
