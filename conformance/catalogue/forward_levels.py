"""Dual levels and dual tensors as objects: where they may be made, what they share, and what remains of them."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_equal, raises

_PAGE = "PyTorch documentation, torch.autograd.forward_ad"
_TUTORIAL = "PyTorch tutorials, forward-mode automatic differentiation"
_NEEDS = ("forward-mode",)


def _tensor(torch, values):
    return torch.tensor(values, dtype=torch.float64)


@behaviour(
    "forward.unpack-is-namedtuple",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}.unpack_dual",
    kills=["unpacked-is-bare-tuple"],
    needs=_NEEDS,
)
def unpack_is_namedtuple(torch):
    """unpack_dual returns a named tuple with fields primal and tangent, neither of which is a dual tensor of the
    level.
    """
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        for values, tangent in (([1.0], [2.0]), ([[1.0, 2.0]], [[0.0, 5.0]])):
            found = forward.unpack_dual(forward.make_dual(_tensor(torch, values), _tensor(torch, tangent)))
            assert getattr(found, "_fields", None) == ("primal", "tangent"), "unpack_dual gives no named tuple"
            assert_equal(found.primal, values, "the primal")
            assert_equal(found.tangent, tangent, "the tangent")
            assert forward.unpack_dual(found.primal).tangent is None, "the unpacked primal is dual"
            assert forward.unpack_dual(found.tangent).tangent is None, "the unpacked tangent is dual"


@behaviour(
    "forward.tangent-dropped-on-exit",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}.dual_level",
    kills=["tangents-outlive-level"],
    needs=_NEEDS,
)
def tangent_dropped_on_exit(torch):
    """Leaving dual_level deletes all tangents of the level: unpacking a result afterwards gives tangent None."""
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        x = forward.make_dual(_tensor(torch, [3.0]), _tensor(torch, [1.0]))
        results = [x, x**2, x.sum()]
    for y in results:
        assert forward.unpack_dual(y).tangent is None, "a tangent is left after its level"
    with forward.dual_level():
        for y in (*results, results[0] * 2):
            assert forward.unpack_dual(y).tangent is None, "a tangent of a former level is back in the next"


@behaviour("forward.unpack-outside-level", level=SHOULD, profile=FUNCTIONAL, source=_TUTORIAL, needs=_NEEDS)
def unpack_outside_level(torch):
    """unpack_dual outside any level does not raise and gives tangent None."""
    x = _tensor(torch, [1.0, 2.0])
    primal, tangent = torch.autograd.forward_ad.unpack_dual(x)
    assert tangent is None, "a tensor has a tangent outside any level"
    assert_equal(primal, [1.0, 2.0], "the primal")


@behaviour(
    "forward.make-dual-outside-level-raises",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}.dual_level",
    kills=["duals-anywhere"],
    needs=_NEEDS,
)
def make_dual_outside_level_raises(torch):
    """make_dual outside a dual level raises RuntimeError."""
    forward = torch.autograd.forward_ad
    for _ in range(2):  # before any level, and after one
        with raises(RuntimeError, "level"):
            forward.make_dual(_tensor(torch, [1.0]), _tensor(torch, [1.0]))
        with forward.dual_level():
            forward.make_dual(_tensor(torch, [1.0]), _tensor(torch, [1.0]))


@behaviour(
    "forward.nested-level-raises",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}.dual_level",
    kills=["levels-nest"],
    needs=_NEEDS,
)
def nested_level_raises(torch):
    """Nesting dual_level contexts raises RuntimeError."""
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        with raises(RuntimeError, "nested"), forward.dual_level():
            pass
        dual = forward.make_dual(_tensor(torch, [1.0]), _tensor(torch, [2.0]))
        assert_equal(forward.unpack_dual(dual).tangent, [2.0], "the tangent in the outer level")


@behaviour(
    "forward.tangent-kept-as-is",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_PAGE}.make_dual; {_TUTORIAL}",
    kills=["tangents-copied"],
    needs=_NEEDS,
)
def tangent_kept_as_is(torch):
    """A tangent with the layout of the primal is stored as the same object; one with another layout is copied."""
    forward = torch.autograd.forward_ad
    primal, tangent = _tensor(torch, [[1.0, 2.0], [3.0, 4.0]]), _tensor(torch, [[5.0, 6.0], [7.0, 8.0]])
    with forward.dual_level():
        kept = forward.unpack_dual(forward.make_dual(primal, tangent)).tangent
        assert kept is tangent, "a tangent with the layout of the primal was copied"
        turned = tangent.t()
        copied = forward.unpack_dual(forward.make_dual(primal, turned)).tangent
        assert copied is not turned, "a tangent with another layout was kept"
        assert_equal(copied, [[5.0, 7.0], [6.0, 8.0]], "the copied tangent")


@behaviour(
    "forward.dual-aliases-primal",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_PAGE}.make_dual and unpack_dual",
    kills=["duals-copy-primal"],
    needs=(*_NEEDS, "storage"),
)
def dual_aliases_primal(torch):
    """The dual tensor is a view of the primal and the unpacked primal is a view too: all share storage."""
    forward = torch.autograd.forward_ad
    for values in ([1.0, 2.0], [[3.0]]):
        primal = _tensor(torch, values)
        with forward.dual_level():
            dual = forward.make_dual(primal, torch.ones_like(primal))
            assert dual is not primal, "make_dual gave the primal itself"
            assert dual.data_ptr() == primal.data_ptr(), "make_dual copied the primal"
            unpacked = forward.unpack_dual(dual).primal
            assert unpacked.data_ptr() == primal.data_ptr(), "unpack_dual copied the primal"


@behaviour(
    "forward.enter-and-exit-functions",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_PAGE}.enter_dual_level and exit_dual_level",
    kills=["exit-any-level"],
    needs=_NEEDS,
)
def enter_and_exit_functions(torch):
    """enter_dual_level and exit_dual_level do by hand what dual_level does; exiting a level that is not the latest
    raises RuntimeError.
    """
    forward = torch.autograd.forward_ad
    level = forward.enter_dual_level()
    try:
        dual = forward.make_dual(_tensor(torch, [3.0]), _tensor(torch, [1.0]))
        assert_equal(forward.unpack_dual(dual * 2).tangent, [2.0], "the tangent")
        with raises(RuntimeError):
            forward.exit_dual_level(level=level + 1)
    finally:
        forward.exit_dual_level()
    with raises(RuntimeError):
        forward.make_dual(_tensor(torch, [1.0]), _tensor(torch, [1.0]))
