"""check_gradients finds what is wrong, says where and why, and raises no alarm over what is right. On PyTorch, where it is installed."""

import warnings

import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402

from conformance import check_gradients  # noqa: E402
from conformance.check import GradientMismatch, Inconclusive, InconclusiveWarning  # noqa: E402
from conformance.errors import UsageError  # noqa: E402


def rand(*shape, scale=1.0, seed=0, dtype=torch.float64, positive=False):
    x = torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype) * scale
    return x.abs() + 0.1 * scale if positive else x


def spd(n):
    a = rand(n, n)
    return a @ a.mT + n * torch.eye(n, dtype=torch.float64)


def function(forward, backward):
    """An autograd.Function of one input from two functions: forward(x) and backward(g, x)."""

    class Planted(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx, g):
            return backward(g, *ctx.saved_tensors)

    return Planted.apply


def one_wrong(relative, at):
    def backward(g, x):
        c = g * x.cos()
        c.view(-1)[at] *= 1 + relative
        return c

    return function(torch.sin, backward)


def in_place(g, x):
    return g.mul_(x.cos())


def negative(g, x):
    return g.clamp(min=0) * x.cos()


def contiguous_only(g, x):
    return (g if g.is_contiguous() else g + 1) * x.cos()


def expanded_only(g, x):
    return (g * 2 if 0 in g.stride() and g.numel() > 1 else g) * x.cos()


class SavedChanged(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.kept = x.cos()
        return x.sin()

    @staticmethod
    def backward(ctx, g):
        c = g * ctx.kept
        ctx.kept = ctx.kept * 0.5
        return c


class SecondOrderOnly(torch.autograd.Function):
    """The cosine is detached in the backward pass: right at order 1, zero at order 2."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sin()

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * x.detach().cos()


class LonelyProduct(torch.autograd.Function):
    """Right if both inputs require grad; the first one's gradient is doubled if it is alone."""

    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * y

    @staticmethod
    def backward(ctx, g):
        x, y = ctx.saved_tensors
        factor = 1.0 if ctx.needs_input_grad[1] else 2.0
        return g * y * factor, g * x


class TransposedMatmul(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.a = torch.arange(16.0, dtype=torch.float64).reshape(4, 4)
        return ctx.a @ x

    @staticmethod
    def backward(ctx, g):
        return ctx.a @ g


class MeanWithoutCentre(torch.autograd.Function):
    """x - mean(x), whose backward pass forgets the mean."""

    @staticmethod
    def forward(ctx, x):
        return x - x.mean()

    @staticmethod
    def backward(ctx, g):
        return g


PLANTED = {
    "sign": (function(torch.sin, lambda g, x: -g * x.cos()), (rand(6),), "sign is flipped"),
    "factor": (function(torch.square, lambda g, x: g * x), (rand(6),), "constant factor of 1/2"),
    "zero": (function(torch.sin, lambda g, x: torch.zeros_like(g)), (rand(6),), "zero"),
    "nan": (function(torch.sin, lambda g, x: g * x.cos() * float("nan")), (rand(6),), "NaN"),
    "one of 1e4": (one_wrong(1e-6, 1234), (rand(10_000),), "one entry"),
    "one of 1e5": (one_wrong(1e-6, 54_321), (rand(100_000),), "one entry"),
    "one of a grid": (one_wrong(1e-6, 5_000), (rand(100, 100),), "one entry"),
    "negative cotangents": (function(torch.sin, negative), (rand(6),), ""),
    "absolute cotangents": (function(torch.sin, lambda g, x: g.abs() * x.cos()), (rand(6),), ""),
    "squared cotangents": (function(torch.sin, lambda g, x: g * g.abs() * x.cos()), (rand(6),), ""),
    "clipped cotangents": (function(torch.sin, lambda g, x: g.clamp(-1, 1) * x.cos()), (rand(6),), ""),
    "ignored cotangents": (function(torch.sin, lambda g, x: x.cos()), (rand(6),), ""),
    "layout": (function(torch.sin, contiguous_only), (rand(4, 3),), "non-contiguous"),
    "expanded": (function(torch.sin, expanded_only), (rand(4, 3),), "expanded"),
    "in place": (function(torch.sin, in_place), (rand(6),), "in-place"),
    "second pass": (SavedChanged.apply, (rand(6),), ""),
    "subset": (LonelyProduct.apply, (rand(3), rand(3, seed=1)), "needs_input_grad"),
    "transpose": (TransposedMatmul.apply, (rand(4),), "transposed"),
    "missing mean": (MeanWithoutCentre.apply, (rand(5),), "diagonal"),
    "region": (function(torch.sin, lambda g, x: torch.where(x < 0, 1.1, 1.0) * g * x.cos()), (rand(8),), "negative"),
    "tiny factor": (function(torch.sin, lambda g, x: g * x.cos() * (1 + 1e-9)), (rand(50),), ""),
    "kink": (function(torch.relu, lambda g, x: g * torch.where(x == 0, 5.0, (x > 0).double())), (torch.zeros(3, dtype=torch.float64),), "kink"),
    "detached": (lambda x: x * x.detach(), (rand(4),), "1/2"),
    "without a graph": (lambda x: x.detach().sin(), (rand(4),), "zero"),
    "wrong float32": (function(torch.sin, lambda g, x: g * x.cos() * 1.01), (rand(20, dtype=torch.float32),), ""),
    "complex": (lambda z: torch.complex(z.real, -z.imag.detach()), (rand(4, dtype=torch.complex128),), ""),
}  # fmt: skip


@pytest.mark.parametrize("name, seed", [(name, seed) for name in PLANTED for seed in range(1 if "1e5" in name else 3)])
def test_a_planted_fault_is_found_and_explained(name, seed):
    fn, inputs, words = PLANTED[name]
    with pytest.raises(GradientMismatch) as caught:
        check_gradients(fn, *inputs, seed=seed)
    assert words in str(caught.value)
    assert f"seed={seed}" in str(caught.value)


NOT_IN_ENTRIES = {
    "layout",
    "expanded",
    "in place",
    "second pass",
    "subset",
    "small beside large",
    "one of 1e5",
    "one of 1e4",
    "one of a grid",
}


@pytest.mark.parametrize("name", sorted(set(PLANTED) - NOT_IN_ENTRIES))
def test_the_full_jacobian_shows_it_too(name):
    fn, inputs, _ = PLANTED[name]
    with pytest.raises(GradientMismatch):
        check_gradients(fn, *inputs, mode="full", seed=0)


@pytest.mark.parametrize("at", [0, 7, 23, 39])
def test_a_small_column_is_seen_among_large_ones_in_full(at):
    weight = torch.ones(40, dtype=torch.float64)
    weight[at] = 1e-8
    wrong = weight.clone()
    wrong[at] *= 1.01
    fn = function(lambda x: (weight * x.sin()).sum(), lambda g, x: g * wrong * x.cos())
    with pytest.raises(GradientMismatch) as caught:
        check_gradients(fn, rand(40), mode="full", seed=0)
    assert caught.value.place.input_index == (at,)


@pytest.mark.parametrize("limit", [0.05, 5.0])
def test_a_rule_that_drops_small_or_large_cotangents_is_found(limit):
    def backward(g, x):
        kept = g.abs() > limit if limit < 1 else g.abs() < limit
        return torch.where(kept, g, 0.0) * x.cos()

    with pytest.raises(GradientMismatch):
        check_gradients(function(torch.sin, backward), rand(200), seed=0)


def test_the_worst_entry_is_named():
    with pytest.raises(GradientMismatch) as caught:
        check_gradients(one_wrong(1e-6, 137), rand(20, 20), seed=1)
    assert (caught.value.place.input_index, caught.value.place.output_index) == ((6, 17), (6, 17))
    assert caught.value.entry.error == pytest.approx(1e-6 * abs(caught.value.entry.numeric), rel=1e-3)


def test_a_fault_of_the_second_order_alone_needs_order_2():
    x = rand(5)
    assert check_gradients(SecondOrderOnly.apply, x).verdict == "pass"
    with pytest.raises(GradientMismatch, match="second backward pass"):
        check_gradients(SecondOrderOnly.apply, x, order=2)
    with pytest.raises(GradientMismatch, match="second backward pass"):
        check_gradients(SecondOrderOnly.apply, x, order=2, mode="full")


RIGHT = {
    "sin": (torch.sin, rand(7)),
    "exp large": (torch.exp, rand(7) * 50 + 300),
    "exp tiny result": (torch.exp, rand(7) - 300),
    "log huge": (torch.log, rand(7, positive=True) * 1e200),
    "log tiny": (torch.log, rand(7, positive=True) * 1e-200),
    "square huge": (torch.square, rand(7) * 1e100),
    "square tiny": (torch.square, rand(7) * 1e-100),
    "tiny values": (lambda x: 1e-200 * torch.sin(x), rand(5)),
    "huge values": (lambda x: 1e200 * torch.sin(x), rand(5)),
    "mixed scales": (torch.sqrt, torch.logspace(-8, 8, 17, dtype=torch.float64)),
    "scalar": (torch.tanh, torch.tensor(0.3, dtype=torch.float64)),
    "one element of zero": (torch.sin, torch.zeros(4, dtype=torch.float64)),
    "cube at zero": (lambda x: x**3, torch.zeros(4, dtype=torch.float64)),
    "relu": (torch.relu, rand(50)),
    "relu at zero": (torch.relu, torch.zeros(4, dtype=torch.float64)),
    "two relus at zero": (lambda x: torch.relu(x) - torch.relu(x.flip(0)), torch.zeros(4, dtype=torch.float64)),
    "abs": (torch.abs, rand(50)),
    "abs at some zeros": (torch.abs, torch.tensor([0.0, 1.0, -2.0, 0.0], dtype=torch.float64)),
    "hardtanh": (F.hardtanh, rand(200)),
    "clamp": (lambda x: x.clamp(-0.5, 0.5), rand(200)),
    "max": (lambda x: x.max(dim=0).values, rand(5, 6)),
    "amax with ties": (lambda x: x.amax(0), torch.tensor([[1.0, 2.0], [1.0, 3.0]], dtype=torch.float64)),
    "sort": (lambda x: x.sort().values, rand(9)),
    "median": (torch.median, rand(9)),
    "max_pool": (lambda x: F.max_pool2d(x, 2), rand(1, 2, 6, 6)),
    "floor": (torch.floor, rand(20) * 5 + 0.05),
    "round": (torch.round, rand(20) * 3),
    "sign": (torch.sign, rand(20)),
    "constant": (lambda x: x * 0 + 3, rand(4)),
    "softmax": (lambda x: torch.softmax(x, -1), rand(4, 5)),
    "softmax one-hot": (lambda x: torch.softmax(x, -1), rand(4, 5) * 40),
    "sum of softmax": (lambda x: torch.softmax(x, -1).sum(), rand(4, 5)),
    "log_softmax": (lambda x: torch.log_softmax(x, -1), rand(4, 5) * 20),
    "logsumexp": (lambda x: torch.logsumexp(x, -1), rand(8, 8)),
    "instance_norm": (F.instance_norm, rand(2, 3, 10)),
    "sum of instance_norm": (lambda x: F.instance_norm(x).sum(), rand(2, 3, 10)),
    "layer_norm": (lambda x: F.layer_norm(x, (6,)), rand(5, 6)),
    "matmul": (torch.matmul, rand(5, 6), rand(6, 4)),
    "matmul of twins": (torch.matmul, rand(5, 5), rand(5, 5, seed=1)),
    "broadcast": (lambda x, y: x * y, rand(4, 1), rand(3)),
    "divide": (lambda x, y: x / y, rand(6), rand(6, positive=True)),
    "power": (torch.pow, rand(6, positive=True), rand(6)),
    "atan2": (torch.atan2, rand(6), rand(6, seed=1)),
    "conv2d": (F.conv2d, rand(1, 2, 6, 6), rand(3, 2, 3, 3)),
    "cholesky": (lambda x: torch.linalg.cholesky((x + x.mT) / 2), spd(5)),
    "inverse": (torch.linalg.inv, spd(5)),
    "solve": (torch.linalg.solve, spd(5), rand(5, 2)),
    "eigvalsh": (lambda x: torch.linalg.eigvalsh((x + x.mT) / 2), spd(5)),
    "cumsum": (lambda x: torch.cumsum(x, 0), rand(300)),
    "cumprod": (lambda x: torch.cumprod(x, 0), rand(9)),
    "cancellation": (lambda x: (x + 1e8) - 1e8, rand(5)),
    "sum of many": (torch.sum, rand(20_000)),
    "many elements": (torch.tanh, rand(30_000)),
    "several outputs": (lambda x: (x.sin(), {"a": x.exp(), "b": [x.sum()]}), rand(4)),
    "constant output beside": (lambda x: (x.sin(), x.detach() ** 2), rand(4)),
    "unused input": (lambda x, y: x.sin() + 0 * y.detach(), rand(4), rand(4)),
    "expanded input": (torch.sin, rand(1, 4).expand(3, 4)),
    "permuted input": (torch.sin, rand(3, 4).t()),
    "empty": (torch.sin, torch.zeros(0, 3, dtype=torch.float64)),
    "complex": (lambda z: z * z.conj() + z.exp(), rand(4, dtype=torch.complex128)),
    "complex to real": (torch.abs, rand(4, dtype=torch.complex128)),
    "fft": (torch.fft.fft, rand(6)),
    "float32": (lambda x: torch.softmax(x, -1), rand(4, 5, dtype=torch.float32)),
    "bfloat16": (torch.sin, rand(9, dtype=torch.bfloat16)),
    "data-dependent": (lambda x: x.sin() if float(x.detach().sum()) < 1e9 else x, rand(4)),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_no_alarm_over_what_is_right(name):
    fn, *inputs = RIGHT[name]
    for seed in range(5):
        assert check_gradients(fn, *inputs, seed=seed).verdict == "pass"


FULL = sorted(n for n in RIGHT if n not in ("many elements", "sum of many"))


@pytest.mark.parametrize("name", FULL)
def test_no_alarm_over_what_is_right_in_full(name):
    fn, *inputs = RIGHT[name]
    for seed in range(2):
        assert check_gradients(fn, *inputs, mode="full", seed=seed).verdict == "pass"


SATURATING = pytest.mark.parametrize("fn", [torch.tanh, torch.sigmoid], ids=["tanh", "sigmoid"])
BOTH = pytest.mark.parametrize("mode", ["projected", "full"])


@SATURATING
@BOTH
@pytest.mark.parametrize("x", [3.3, 3.7, 4.4])
def test_no_alarm_over_the_rounding_of_what_a_rule_saved(fn, mode, x):
    # 1 - y² of a y that is near 1, and that does not move with the last place of x: the error is one of y's places
    for seed in range(5):
        assert check_gradients(fn, torch.tensor([x]), mode=mode, seed=seed).verdict == "pass"


@SATURATING
@BOTH
@pytest.mark.parametrize("x", [5.0, 6.0, 7.5, 12.0, 20.0])
def test_no_alarm_where_nothing_is_left_of_a_slope_in_the_function_s_own_dtype(fn, mode, x):
    # differences in float64 see a slope of 1e-5 and less; of a y that is 1 but for a last place or two the rule has none
    for seed in range(5):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InconclusiveWarning)
            check_gradients(fn, torch.tensor([x]), mode=mode, seed=seed, on_inconclusive="warn")


def test_no_alarm_over_an_entry_that_is_lost_beside_the_others_of_its_output():
    # the slope of the largest logit is 1 - p = 1e-9 by differences, and 0 by the float32 rule, in outputs as large as 60
    for seed in range(3):
        report = check_gradients(lambda x: torch.log_softmax(x, -1), rand(4, 5).float() * 20, mode="full", seed=seed)
        assert report.verdict == "pass"


@SATURATING
@BOTH
@pytest.mark.parametrize("x", [[0.654, 1.5], [0.654, 9.0]], ids=["both", "one of two"])
def test_a_small_factor_is_seen_beside_that_rounding(fn, mode, x):
    wrong = function(fn, lambda g, x: 1.001 * g * torch.autograd.functional.vjp(fn, x, torch.ones_like(x))[1])
    for seed in range(5):
        with pytest.raises(GradientMismatch):
            check_gradients(wrong, torch.tensor(x), mode=mode, seed=seed)


SMOOTH = [
    "sin",
    "softmax",
    "matmul",
    "broadcast",
    "layer_norm",
    "several outputs",
    "cholesky",
    "relu",
    "logsumexp",
    "divide",
    "conv2d",
]


@pytest.mark.parametrize("name", SMOOTH)
def test_no_alarm_at_order_2(name):
    fn, *inputs = RIGHT[name]
    report = check_gradients(fn, *inputs, order=2, seed=0)
    assert (report.verdict, report.order) == ("pass", 2)


def test_forward_mode_is_held_against_reverse_mode():
    assert check_gradients(torch.sin, rand(5), forward_mode=True).notes == ()

    class WrongPush(torch.autograd.Function):
        @staticmethod
        def forward(x):
            return x.sin()

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(*inputs)
            ctx.save_for_forward(*inputs)

        @staticmethod
        def backward(ctx, g):
            return g * ctx.saved_tensors[0].cos()

        @staticmethod
        def jvp(ctx, t):
            return t * ctx.saved_tensors[0].cos() * (1 + 1e-11)

    assert check_gradients(WrongPush.apply, rand(5), seed=0).verdict == "pass"
    with pytest.raises(GradientMismatch, match="forward and reverse mode disagree"):
        check_gradients(WrongPush.apply, rand(5), seed=0, forward_mode=True)


ROUGH = {
    "small beside large": (lambda x: 1e12 * x.detach().sum() + x.detach().sin().sum(), rand(3)),
    "random": (lambda x: x * torch.rand_like(x), rand(4)),
    "flat to rounding": (lambda x: 1e14 + x.sin(), rand(4)),
    "quantised": (lambda x: (x * 1e3).round() / 1e3 + (x - x.detach()), rand(4)),
    "outside the domain": (torch.log, -rand(4, positive=True)),
}


@pytest.mark.parametrize("name", ROUGH)
def test_what_cannot_be_judged_is_no_pass(name):
    fn, x = ROUGH[name]
    with pytest.raises((Inconclusive, GradientMismatch)):
        check_gradients(fn, x, seed=0)


def test_inconclusive_can_be_a_warning():
    with pytest.warns(InconclusiveWarning, match="random"):
        report = check_gradients(ROUGH["random"][0], rand(4), on_inconclusive="warn")
    assert report.verdict == "inconclusive"


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: check_gradients(torch.sin, 3.0), "no tensor"),
        (lambda: check_gradients(torch.sin, torch.tensor([1])), "floating"),
        (lambda: check_gradients(torch.sin, rand(3), mode="fast"), "'fast'"),
        (lambda: check_gradients(torch.sin, rand(3), order=3), "order 3"),
        (lambda: check_gradients(torch.sin, torch.tensor([float("nan")])), "NaN"),
        (lambda: check_gradients(lambda x: x > 0, rand(3)), "nothing to differentiate"),
        (lambda: check_gradients(torch.sin, rand(3), on_inconclusive="ignore"), "'ignore'"),
    ],
)
def test_misuse_is_named(call, words):
    with pytest.raises(UsageError, match=words):
        call()


def test_only_inputs_that_require_grad_are_checked():
    def half(x, y):
        return x.sin() * y.detach()

    x, y = rand(3), rand(3, seed=1)
    assert check_gradients(half, x.requires_grad_(), y).inputs == 3
    with pytest.raises(GradientMismatch, match=r"input\[1\]"):
        check_gradients(half, x.detach(), y.detach())


def test_nested_inputs_and_one_tensor_twice():
    x = rand(3)
    assert check_gradients(lambda d, k: d["a"][0] * d["b"] * k, {"a": [x], "b": x}, 2.0).inputs == 6


def test_the_inputs_are_left_alone():
    x = rand(3).requires_grad_()
    before = x.detach().clone()
    check_gradients(lambda t: t.clone().mul_(2).sin(), x)
    assert torch.equal(x.detach(), before)
    assert x.grad is None


def test_a_seed_replays_the_same_numbers():
    first, again, other = (check_gradients(torch.sin, rand(9), seed=s) for s in (3, 3, 4))
    assert first == again
    assert first.worst != other.worst


def test_no_warning_escapes():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_gradients(lambda x: x.sort().values.cumprod(0), rand(6))
