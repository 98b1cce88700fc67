"""Exploration finds engines that are wrong and says what is wrong; it finds nothing in PyTorch; it never depends on the environment."""

from functools import cache

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from conformance import explore  # noqa: E402
from conformance.checking.examination import examine  # noqa: E402
from conformance.engines.torch import TorchEngine  # noqa: E402
from conformance.errors import Unsupported  # noqa: E402
from conformance.program import Program, Ref, Statement  # noqa: E402


class Planted(TorchEngine):
    """PyTorch with some operators replaced."""

    replaced = {}  # noqa: RUF012 - as adapters are written
    lacks = ()

    def operator(self, name):
        if name in self.lacks:
            raise Unsupported(f"operator:{name}")
        return self.replaced.get(name) or super().operator(name)


def engine(**replaced):
    return type("Planted", (Planted,), {"replaced": replaced})()


class WrongSine(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sin()

    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0].cos() * 1.0001


class WrongTwice(WrongSine):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sin() * 1.01


def found(run, name, **options):
    """The counterexample of one property, None if it held."""
    options = {"seed": 0, "examples": 15, "operators": ("sin", "mul", "digamma"), **options}
    (wanted,) = [p for p in explore.properties(lambda: run, options=explore.Options(**options)) if p.name == name]
    try:
        wanted.check()
    except explore.Counterexample as counterexample:
        return counterexample
    return None


SINE = "operators/elementary/sin@float64"


BROKEN = {
    "a factor": (lambda x: x.sin() * 1.01, "value"),
    "a shorter format": (lambda x: x.sin().float().double(), "value and derivative"),  # backward passes through it too
    "a wrong rule": (WrongSine.apply, "derivative"),
    "both": (WrongTwice.apply, "value and derivative"),
    "an exception": (lambda x: 1 / 0, "the engine raised an error"),
    "another shape": (lambda x: x.sin().unsqueeze(0), "value"),
}


@cache
def broken(name):
    """The counterexample to a broken sine, searched once for all tests: it takes seconds to shrink."""
    return found(engine(sin=BROKEN[name][0]), SINE)


@pytest.mark.parametrize("name", BROKEN)
def test_a_counterexample_says_what_is_wrong(name):
    counterexample = broken(name)
    assert counterexample.wrong == BROKEN[name][1]
    assert "torch.sin(" in str(counterexample)
    assert "seed 0" in str(counterexample)


def test_a_counterexample_is_shrunk():
    leaves = [s for s in broken("a wrong rule").program.statements if s.do == "leaf"]
    assert leaves[0].args[0].ndim == 0


def test_its_reproducer_runs(capsys):
    code = str(broken("a wrong rule")).partition("\n\n")[2]
    exec("\n".join(line[4:] for line in code.splitlines()), {})  # noqa: S102 - our own text
    assert "tensor(" in capsys.readouterr().out


def last_path_wins(outputs, inputs, cotangents, options):
    """Of several paths to a leaf only the last one counts: each use of a tensor is differentiated alone."""
    grads = torch.autograd.grad(outputs, inputs, cotangents, **options)
    return tuple(
        None if g is None else g * (0.5 if x.__dict__.get("uses", 0) > 1 else 1)
        for g, x in zip(grads, inputs, strict=True)
    )


class LastPathWins(Planted):
    """Reuse of a leaf is not accumulated."""

    def operator(self, name):
        plain = super().operator(name)

        def counted(*args, **kw):
            for x in args:
                if isinstance(x, torch.Tensor) and x.is_leaf and x.requires_grad:
                    x.uses = getattr(x, "uses", 0) + 1
            return plain(*args, **kw)

        return counted

    def gradients(self, outputs, inputs, cotangents, options):
        return last_path_wins(outputs, inputs, cotangents, options)


class DetachLeaks(Planted):
    def detach(self, tensor):
        return tensor * 1


class StaleInPlace(Planted):
    """An in-place step is not seen by the backward pass."""

    def inplace(self, name, args, kw):
        changed = super().inplace(name, (args[0].detach().clone(), *(a.detach() for a in args[1:])), kw)
        return args[0] + (changed - args[0]).detach()


class FirstOrderOnly(Planted):
    """create_graph records nothing that depends on saved values."""

    def gradients(self, outputs, inputs, cotangents, options):
        grads = torch.autograd.grad(outputs, inputs, cotangents, **options)
        return tuple(0.5 * g + 0.5 * g.detach() for g in grads) if options.get("create_graph") else grads


@pytest.mark.parametrize(
    "wrong, name",
    [
        (LastPathWins, "programs/graph@float64"),
        (DetachLeaks, "programs/detached@float64"),
        (StaleInPlace, "programs/in-place@float64"),
        (FirstOrderOnly, "programs/second-order@float64"),
    ],
)
def test_random_programs_find_what_single_operators_do_not(wrong, name):
    assert "derivative" in found(wrong(), name, examples=60).wrong


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["graph", "detached", "in-place", "second-order"])
def test_nothing_is_found_in_random_programs_on_pytorch(name, dtype):
    # the same programs each time
    assert found(TorchEngine(), f"programs/{name}@{dtype}", dtypes=(dtype,), examples=25, seed=1) is None


def test_nothing_is_found_where_a_second_derivative_cancels_in_float32():
    # two terms of about 0.15 leave 0.014, and the sigmoid in them hardly moves with the last places of its argument
    def leaf(name, values, **kw):
        return Statement("leaf", (name,), (np.array(values, np.float32).reshape(2, 1),), {"requires_grad": False, **kw})

    x, y, weight = Ref("x"), Ref("y"), Ref("weight")
    program = Program(
        (
            leaf("x", [0.65416664, 1.5041667], requires_grad=True),
            Statement("op", ("s",), (x,), {}, "sigmoid"),
            Statement("op", ("y",), (Ref("s"), Ref("s")), {}, "mul"),
            leaf("weight", [-1.8583333, 0.44166666]),
            Statement("grad", ("first",), ((y,), (x,)), {"grad_outputs": (weight,), "create_graph": True}),
            Statement("grad", ("second",), ((Ref("first"),), (x,)), {"grad_outputs": (weight,)}),
        )
    )
    run = TorchEngine().run
    assert [seed for seed in range(30) if examine(program, run, run, seed=seed).counterexample] == []


def test_nothing_is_found_where_a_second_derivative_is_a_constant_in_float32():
    # it does not move with the inputs, so that only its cotangents show how its products are rounded
    def op(out, name, **kw):
        return lambda *args: Statement("op", (out,), tuple(map(Ref, args)), kw, name)

    def leaf(name, start, step, **kw):
        values = (start + step * np.arange(6)).astype(np.float32).reshape(2, 3)
        return Statement("leaf", (name,), (values,), {"requires_grad": False, **kw})

    grads = (Ref("a"), Ref("b")), (Ref("x"),)
    weights = (Ref("weight"), Ref("other"))
    program = Program(
        (
            leaf("x", 0.3236111, 0.2833333, requires_grad=True),
            op("twice", "add", alpha=1)("x", "x"),
            op("a", "mul")("twice", "twice"),
            op("b", "mul")("x", "x"),
            leaf("weight", -1.9527777, 0.5666667),
            leaf("other", 1.4805555, -0.5666667),
            Statement("grad", ("first",), grads, {"grad_outputs": weights, "create_graph": True}),
            Statement("grad", ("second",), ((Ref("first"),), (Ref("x"),)), {"grad_outputs": (Ref("weight"),)}),
        )
    )
    run = TorchEngine().run
    found = [examine(program, run, run, seed=seed) for seed in range(60)]
    assert [f.counterexample for f in found if f.counterexample] == []
    assert any(not f.undecided for f in found)


@pytest.mark.parametrize(
    "name",
    ["sin", "matmul", "softmax", "cumsum", "nn.functional.conv2d", "maximum", "nn.functional.binary_cross_entropy"],
)
def test_nothing_is_found_in_operators_that_are_right(name):
    held = 0
    for p in explore.properties(TorchEngine, options=explore.Options(examples=8, operators=(name,), seed=1)):
        if p.name.startswith("operators/"):
            p.check()
            held += 1
    assert held == 1


def test_a_true_inaccuracy_of_pytorch_is_found():
    # digamma's derivative, trigamma, is computed to 3e-10 only: PyTorch 2.13
    counterexample = found(TorchEngine(), "operators/special/digamma@float64")
    assert counterexample.wrong == "derivative"


def test_what_an_engine_lacks_is_said():
    lacking = type("Lacking", (Planted,), {"lacks": ("sin",)})()
    with pytest.raises(explore.NotOffered) as caught:
        found(lacking, SINE)
    assert caught.value.feature == "operator:sin"


def test_what_cannot_be_judged_does_not_pass():
    def noisy(x):
        return x.sin() + 0.1 * (x.detach().exp() * 1e12).sin()

    rough = engine(sin=noisy)
    with pytest.raises(explore.Undecided, match="could be judged"):
        found(rough, SINE, witness=False, examples=3)


def test_without_a_witness_the_derivative_is_still_judged():
    counterexample = found(engine(sin=WrongTwice.apply), SINE, witness=False)
    assert counterexample.wrong == "derivative (value not compared)"


def test_a_broken_process_is_a_counterexample():
    class Crashing:
        def run(self, program):
            return {"status": "crash", "reason": "signal 11"}

    assert "crashed" in found(Crashing(), SINE).wrong


def test_the_same_seed_finds_the_same_with_and_without_ci(monkeypatch):
    programs = []
    for ci in ("", "true"):
        monkeypatch.setenv("CI", ci)
        programs.append(found(engine(sin=WrongSine.apply), SINE).program.digest)
    assert programs[0] == programs[1]


def test_the_engine_is_made_at_the_first_check_and_only_once():
    made = []

    def factory():
        made.append(1)
        return TorchEngine()

    chosen = explore.properties(factory, options=explore.Options(examples=2, operators=("sin", "cos"), seed=0))
    assert not made
    for p in chosen[:2]:
        p.check()
    assert len(made) == 1


def test_names_are_unique_and_stable():
    names = [p.name for p in explore.properties(TorchEngine, options=explore.Options(dtypes=("float64", "float32")))]
    assert len(names) == len(set(names)) > 100
    assert {"operators/elementary/sin@float32", "programs/graph@float64"} <= set(names)


def test_graphs_reuse_and_broadcast():
    from hypothesis import Phase, find, settings

    from conformance.strategies.graphs import graphs

    def reuses(program):
        uses = [r for s in program.statements if s.do == "op" for r in s.references()]
        return len(uses) > len(set(uses)) > 2

    def broadcasts(program):
        shapes = {s.out[0]: s.args[0].shape for s in program.statements if s.do == "leaf"}
        pairs = [
            [shapes.get(r) for r in s.references()] for s in program.statements if s.do == "op" and len(s.args) == 2
        ]
        return any(None not in p and len(p) == 2 and p[0] != p[1] and np.broadcast_shapes(*p) for p in pairs)

    quick = settings(phases=[Phase.generate], max_examples=300, database=None, deadline=None)
    assert find(graphs(), reuses, settings=quick)
    assert find(graphs(), broadcasts, settings=quick)
