"""Operations that change a tensor: where they are refused, and that backward notices what they overwrote."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MAY, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import raises

_NOTES = "Autograd mechanics, in-place operations with autograd"
_CHECKS = "Autograd mechanics, in-place correctness checks"
_CHANGED = "modified by an inplace operation"
POINTS = (1.0, [1.0, 2.0], [[0.5], [-3.0]])


@behaviour(
    "in-place.leaf-raises",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_NOTES}; introductory autograd notes",
    kills=["in-place-on-leaf-allowed"],
)
def leaf_raises(p):
    """An in-place operation on a leaf that requires grad, or on a view of one, raises RuntimeError in grad mode."""
    for value in POINTS:
        with p.raises("RuntimeError", "leaf Variable"):
            p.leaf(value).add_(1)
    for change in (lambda x: p.view("select", x, dim=0, index=0).add_(1), lambda x: p.view("t", x).mul_(2)):
        with p.raises("RuntimeError", "view of a leaf"):
            change(p.leaf([[1.0, 2.0], [3.0, 4.0]]))
    x = p.leaf([1.0, 2.0])
    with p.raises("RuntimeError", "leaf"):
        x[0] = 3.0
    p.expect(x, [1.0, 2.0])


@also("in-place.leaf-raises")
def leaf_may_change_under_no_grad(p):
    """Where nothing is recorded the same change is allowed, and the leaf stays one."""
    x = p.leaf([1.0, 2.0])
    with p.no_grad():
        x.mul_(3)
    p.expect(x, [3.0, 6.0])
    p.expect(x.is_leaf, True)
    (x * x).sum().backward()
    p.expect(x.grad, [6.0, 12.0])


@behaviour(
    "in-place.saved-tensor-modified-raises",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd page, in-place correctness checks",
    kills=["version-check-skipped"],
)
def saved_tensor_modified_raises(p):
    """Changing in place a tensor that an earlier operation saved for backward raises RuntimeError when backward runs,
    not at the change.
    """
    for value in POINTS:
        y = p.leaf(value) * 1
        z = (y**2).sum()
        y.add_(1)
        with p.raises("RuntimeError", _CHANGED):
            z.backward()
        with p.raises("RuntimeError", "version"):
            z.backward()


@also("in-place.saved-tensor-modified-raises")
def changed_through_others(p):
    """So does a change through a view, a detached tensor, an indexed assignment or under no_grad."""

    def assign(y):
        y[0] = 7.0

    def quietly(y):
        with p.no_grad():
            y.zero_()

    changes = (
        lambda y: p.view("select", y, dim=0, index=0).mul_(2),
        lambda y: y.detach().add_(1),
        lambda y: y.copy_(p.constant([5.0, 6.0])),
        assign,
        quietly,
    )
    for change in changes:
        y = p.leaf([1.0, 2.0]) * 1
        z = (y * y).sum()
        change(y)
        with p.raises("RuntimeError", _CHANGED):
            z.backward()


@behaviour(
    "in-place.saved-output-modified-raises",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd page, in-place correctness checks",
    kills=["version-check-skipped"],
)
def saved_output_modified_raises(p):
    """The check covers saved outputs too: changing the result of exp in place makes its backward raise
    RuntimeError.
    """
    for name in ("exp", "sigmoid", "tanh", "sqrt"):
        for value in POINTS[:2]:
            y = p.op(name, p.leaf(value))
            z = y * 1
            y.add_(1)
            with p.raises("RuntimeError", _CHANGED):
                z.sum().backward()


@behaviour(
    "in-place.unsaved-tensor-may-be-modified",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd page, in-place correctness checks",
    kills=["everything-is-saved"],
)
def unsaved_tensor_may_be_modified(p):
    """Changing in place a tensor that no operation saved is allowed, and gradients are right."""
    for value, gradient in ((1.0, 3.0), ([1.0, 2.0], [3.0, 3.0])):
        x = p.leaf(value)
        y = x + 1
        z = y - 5
        y.mul_(3)
        y.sum().backward()
        p.expect(x.grad, gradient)
        z.sum().backward()


@behaviour(
    "in-place.error-names-version",
    level=MAY,
    profile=IMPERATIVE,
    source=_CHECKS,
    kills=["version-check-skipped"],
)
def error_names_version(p):
    """The error about a changed saved tensor tells the found version and the expected version."""
    for count in (1, 2, 3):
        y = p.leaf([1.0, 2.0]) * 1
        z = y**2
        for _ in range(count):
            y.add_(1)
        with p.raises("RuntimeError", f"is at version {count}; expected version 0"):
            z.sum().backward()


@behaviour(
    "in-place.overlapping-memory-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Broadcasting page: expanded tensors share memory",
    kills=["overlapping-writes-allowed"],
)
def overlapping_memory_raises(p):
    """Writing in place to an expanded tensor whose elements share memory raises RuntimeError."""
    for make in (p.leaf, p.constant):
        for value, size in ((1.0, (3,)), ([1.0], (3,)), ([[1.0], [2.0]], (2, 4))):
            with p.raises("RuntimeError", "single memory location"):
                p.view("expand", make(value) * 1, size=size).add_(1)


@behaviour(
    "in-place.out-keyword-with-grad-raises",
    level=MUST,
    profile=IMPERATIVE,
    source="Notes on out=",
    kills=["out-with-grad-allowed"],
)
def out_keyword_with_grad_raises(torch):
    """Passing out= when an input or the out tensor requires grad raises RuntimeError in grad mode; under no_grad it is
    allowed.
    """
    for dtype in (torch.float64, torch.float32):
        x = torch.tensor([1.0, 2.0], dtype=dtype, requires_grad=True)
        out = torch.empty(2, dtype=dtype)
        with raises(RuntimeError, "out="):
            torch.add(x, 1, out=out)
        with raises(RuntimeError, "out="):
            torch.add(x.detach(), 1, out=x)
        with torch.no_grad():
            assert torch.add(x, 1, out=out) is out
        assert out.tolist() == [2.0, 3.0]
        assert not out.requires_grad


@behaviour(
    "in-place.embedding-max-norm-modifies-weight",
    level=SHOULD,
    profile=IMPERATIVE,
    source="nn.Embedding, docstring, note",
    kills=["version-check-skipped"],
    needs=["nn"],
)
def embedding_max_norm_modifies_weight(torch):
    """With max_norm the embedding forward renormalizes its weight in place, so that an earlier differentiable use of
    the weight needs a clone: without it backward raises RuntimeError.
    """
    embedding = torch.nn.Embedding(3, 5, max_norm=0.1)
    w, index = torch.ones(7, 5, requires_grad=True), torch.tensor([1, 2])

    def run(weight):
        a = weight @ w.t()
        b = embedding(index) @ w.t()
        (a.unsqueeze(0) + b.unsqueeze(1)).sigmoid().sum().backward()

    def large():
        with torch.no_grad():
            embedding.weight.copy_(torch.full((3, 5), 100.0))

    large()
    with raises(RuntimeError, _CHANGED):
        run(embedding.weight)
    large()
    run(embedding.weight.clone())
    assert embedding.weight.detach()[1:].norm(dim=1).max() <= 0.1 + 1e-6
