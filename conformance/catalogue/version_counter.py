"""The counter of in-place changes, and which tensors share one."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import leaves, raises

_CHECKS = "Autograd mechanics, in-place correctness checks"
POINTS = (1.0, [1.0, 2.0], [[0.5], [-3.0]])


@behaviour(
    "version.starts-at-zero",
    level=MUST,
    profile=IMPERATIVE,
    source=_CHECKS,
    kills=["version-counts-reads"],
)
def starts_at_zero(p):
    """A new tensor has _version 0 and out-of-place operations do not change it."""
    for make in (p.leaf, p.constant):
        for value in POINTS:
            x = make(value)
            p.expect(x.version, 0)
            y = x + 1
            x.sum()
            p.expect(x.version, 0)
            p.expect(y.version, 0)


@behaviour(
    "version.in-place-increments",
    level=MUST,
    profile=IMPERATIVE,
    source=_CHECKS,
    kills=["version-not-counted", "version-not-counted-under-no-grad"],
)
def in_place_increments(p):
    """Each in-place operation increments _version, also indexed assignment, also under no_grad."""
    for value in ([1.0, 2.0], [[0.5], [-3.0]]):
        x = p.constant(value)
        x.add_(1)
        p.expect(x.version, 1)
        x[0] = 5.0
        p.expect(x.version, 2)
        with p.no_grad():
            x.mul_(2)
        p.expect(x.version, 3)


@behaviour(
    "version.views-share-counter",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_CHECKS}: the containing tensor",
    kills=["views-count-alone"],
    depends=["views.share-data"],
)
def views_share_counter(p):
    """A view and its base share one counter: changing either raises the other's _version equally."""
    base = p.constant([[1.0, 2.0], [3.0, 4.0]])
    row, turned = p.view("select", base, dim=0, index=0), p.view("t", base)
    for count, change in enumerate((base, row, turned), 1):
        change.add_(1)
        for tensor in (base, row, turned):
            p.expect(tensor.version, count)
    p.expect(base, [[4.0, 5.0], [5.0, 6.0]])


@behaviour(
    "version.detach-shares-counter",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor.detach, docstring, note",
    kills=["version-not-shared"],
)
def detach_shares_counter(p):
    """A detached tensor shares the version counter of its original."""
    for value in POINTS:
        y = p.leaf(value) * 1
        d = y.detach()
        d.add_(1)
        p.expect(y.version, 1)
        p.expect(d.version, 1)
        y.mul_(2)
        p.expect(d.version, 2)


@behaviour(
    "version.data-does-not-share-counter",
    level=SHOULD,
    profile=IMPERATIVE,
    source="autograd page, Variable (deprecated)",
    kills=["data-counts"],
)
def data_does_not_share_counter(torch):
    """An in-place change through .data does not raise the tensor's _version."""
    for x in leaves(torch):
        before = x.detach().clone()
        x.data.add_(1)
        assert x._version == 0
        assert x.tolist() == (before + 1).tolist()


@behaviour(
    "version.increment-version",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd.graph.increment_version, docstring",
    kills=["increment-version-ignored"],
    depends=["in-place.saved-tensor-modified-raises"],
)
def increment_version(torch):
    """What increment_version is given has its _version raised without changing data, so that backward of an operation
    that saved it raises RuntimeError; it also takes a list.
    """
    increment = torch.autograd.graph.increment_version
    for leaf in leaves(torch):
        x = leaf * 1
        y, before = x**2, x.tolist()
        increment(x)
        assert x._version == 1
        assert x.tolist() == before
        with raises(RuntimeError, "modified by an inplace"):
            y.sum().backward()
        a, b = leaf.detach().clone(), leaf.detach().clone()
        increment([a, b])
        increment((a,))
        assert (a._version, b._version) == (2, 1)


@behaviour(
    "version.increment-inference-tensor-no-op",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd.graph.increment_version, docstring",
    kills=["inference-tensors-count"],
    needs=["inference-mode"],
    depends=["inference.version-counter-raises"],
)
def increment_inference_tensor_no_op(torch):
    """increment_version on a tensor made in inference mode does nothing and raises nothing."""
    for shape in ((), (2,), (2, 3)):
        with torch.inference_mode():
            t = torch.ones(shape)
        torch.autograd.graph.increment_version(t)
        torch.autograd.graph.increment_version([t, t])
        assert t.is_inference()
        with raises(RuntimeError):
            assert t._version is None, "an inference tensor has a version"


@behaviour(
    "version.clone-has-own-counter",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_CHECKS,
    kills=["clone-shares-counter"],
)
def clone_has_own_counter(p):
    """A clone has a counter of its own that starts at 0."""
    for value in POINTS:
        x = p.constant(value)
        x.add_(1)
        c = x.clone()
        p.expect(c.version, 0)
        c.add_(1)
        p.expect(x.version, 1)


@also("version.clone-has-own-counter")
def clone_of_a_non_leaf(p):
    x = p.leaf([1.0, 2.0]) * 1
    x.add_(1)
    p.expect(x.clone().version, 0)
