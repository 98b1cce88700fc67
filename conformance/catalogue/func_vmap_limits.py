"""What vmap refuses: random numbers without saying how, writes into unmapped tensors, and values that vary."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, MUST, behaviour
from conformance.catalogue.assertions import assert_equal, raises

_VMAP = "PyTorch documentation, torch.func.vmap"
_LIMITS = "PyTorch documentation, torch.func, UX limitations"
_NEEDS = ("vmap",)


def _tensor(torch, values):
    return torch.tensor(values, dtype=torch.float64)


@behaviour(
    "func.vmap-randomness-flag",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_LIMITS}, randomness; {_VMAP}",
    kills=["vmap-random-unasked"],
    needs=_NEEDS,
    depends=["func.vmap-basic"],
)
def vmap_randomness_flag(torch):
    """Random operations inside vmap raise RuntimeError by default, give equal numbers for all entries with
    randomness="same" and different ones with "different".
    """
    x = torch.ones(4)
    for draw in (lambda: torch.randn(()), lambda: torch.rand(())):
        with raises(RuntimeError, "randomness"):
            torch.func.vmap(lambda x, draw=draw: x + draw())(x)
        same = torch.func.vmap(lambda x, draw=draw: x + draw(), randomness="same")(x)
        assert len(set(same.tolist())) == 1, f'randomness="same" drew {same.tolist()}'
        different = torch.func.vmap(lambda x, draw=draw: x + draw(), randomness="different")(x)
        assert len(set(different.tolist())) == 4, f'randomness="different" drew {different.tolist()}'


@behaviour(
    "func.vmap-in-place-into-unbatched-raises",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_LIMITS}, in-place operations",
    kills=["vmap-writes-into-unmapped"],
    needs=_NEEDS,
)
def vmap_in_place_into_unbatched_raises(torch):
    """Inside vmap an in-place write of a mapped value into an unmapped tensor raises RuntimeError; into a mapped tensor
    it works.
    """
    unmapped, mapped = _tensor(torch, [1.0]), _tensor(torch, [[1.0], [2.0], [3.0]])
    for change in (lambda x, y: x.add_(y), lambda x, y: x.mul_(y), lambda x, y: x.copy_(y)):
        with raises(RuntimeError):
            torch.func.vmap(change, in_dims=(None, 0))(unmapped, mapped)
    assert_equal(unmapped, [1.0], "the unmapped tensor after refused writes")
    target = _tensor(torch, [[10.0], [20.0], [30.0]])
    torch.func.vmap(lambda x, y: x.add_(y))(target, mapped)
    assert_equal(target, [[11.0], [22.0], [33.0]], "the mapped tensor after a write")


@behaviour(
    "func.vmap-unsupported-things-raise",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_LIMITS}, vmap limitations",
    kills=["vmap-values-are-first-examples"],
    needs=_NEEDS,
)
def vmap_unsupported_things_raise(torch):
    """item(), Python control flow on a mapped value, dynamic-shape operations such as nonzero and out= raise
    RuntimeError inside vmap.
    """
    vmap, x = torch.func.vmap, _tensor(torch, [0.5, -1.0, 2.0])
    with raises(RuntimeError):
        vmap(lambda v: v * v.item())(x)
    with raises(RuntimeError, "data-dependent"):
        vmap(lambda v: v if v > 0 else -v)(x)
    with raises(RuntimeError):
        vmap(torch.nonzero)(torch.tensor([[0, 1], [1, 1]]))
    with raises(RuntimeError):
        vmap(lambda v: torch.add(v, 1, out=torch.empty((), dtype=torch.float64)))(x)
