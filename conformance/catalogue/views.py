"""Views: which operations give them, and that they share memory with what they are views of."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MUST, SHOULD, behaviour
from conformance.catalogue.assertions import assert_equal

_PAGE = "Tensor views page"


@behaviour(
    "views.share-data",
    level=MUST,
    profile=IMPERATIVE,
    source=_PAGE,
    kills=["views-copy"],
)
def share_data(p):
    """A view shares storage with its base: a change of the view is seen in the base and the other way round."""
    base = p.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    flat, turned = p.view("view", base, size=(6,)), p.view("t", base)
    row = p.view("select", base, dim=0, index=1)
    p.expect_shared(base, flat)
    flat[0] = 10.0
    p.expect(base, [[10.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    base[1, 1] = 50.0
    p.expect(flat, [10.0, 2.0, 3.0, 4.0, 50.0, 6.0])
    p.expect(turned, [[10.0, 4.0], [2.0, 50.0], [3.0, 6.0]])
    row.mul_(2)
    p.expect(base, [[10.0, 2.0, 3.0], [8.0, 100.0, 12.0]])


@behaviour(
    "views.list-of-view-operations",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_PAGE}, full list",
    kills=["views-copy"],
)
def list_of_view_operations(torch):
    """Among others slicing, as_strided, detach, diagonal, expand, movedim, narrow, permute, select, squeeze,
    transpose, t, T, unflatten, unfold, unsqueeze, view, unbind, split, chunk, swapaxes, real and view_as_real return
    views of their input.
    """
    for dtype in (torch.float64, torch.float32):
        x = torch.arange(16, dtype=dtype).reshape(4, 4)
        for name, view in _views(torch, x).items():
            assert _storage(view) == _storage(x), f"{name} copies"
    for dtype in (torch.complex128, torch.complex64):
        z = torch.ones(2, dtype=dtype)
        for name, view in {"real": z.real, "imag": z.imag, "view_as_real": torch.view_as_real(z)}.items():
            assert _storage(view) == _storage(z), f"{name} copies"


def _storage(x):
    return x.untyped_storage().data_ptr()


def _views(torch, x):
    """A view of the matrix by each operation."""
    return {
        "slicing": x[1:, 0],
        "as_strided": x.as_strided((2,), (1,)),
        "detach": x.detach(),
        "diagonal": x.diagonal(),
        "expand": x.expand(2, 4, 4),
        "expand_as": x.expand_as(torch.zeros(2, 4, 4)),
        "movedim": x.movedim(0, 1),
        "narrow": x.narrow(0, 0, 2),
        "permute": x.permute(1, 0),
        "select": x.select(0, 1),
        "unsqueeze": x.unsqueeze(0),
        "squeeze": x.unsqueeze(0).squeeze(0),
        "transpose": x.transpose(0, 1),
        "t": x.t(),
        "T": x.T,
        "mT": x.mT,
        "H": x.H,
        "adjoint": x.adjoint(),
        "swapaxes": x.swapaxes(0, 1),
        "swapdims": x.swapdims(0, 1),
        "unflatten": x.unflatten(0, (2, 2)),
        "unfold": x.unfold(0, 2, 1),
        "view": x.view(16),
        "view_as": x.view_as(torch.zeros(2, 8)),
        "unbind": x.unbind()[1],
        "split": x.split(2)[1],
        "split_with_sizes": x.split_with_sizes([1, 3])[1],
        "hsplit": x.hsplit(2)[1],
        "vsplit": x.vsplit(2)[1],
        "tensor_split": x.tensor_split(2)[1],
        "chunk": x.chunk(2)[1],
    }


@behaviour(
    "views.basic-indexing-views-advanced-copies",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_PAGE}, note on indexing",
    kills=["basic-indexing-copies"],
)
def basic_indexing_views_advanced_copies(torch):
    """Basic indexing returns a view and advanced indexing returns a copy."""
    for dtype in (torch.float64, torch.float32, torch.int64):
        x = torch.arange(4, dtype=dtype)
        basic, last = x[1:3], x[-1]
        advanced, masked = x[torch.tensor([1, 2])], x[x > 1]
        x.add_(10)
        assert_equal(basic, [11, 12])
        assert_equal(last, 13)
        assert_equal(advanced, [1, 2])
        assert_equal(masked, [2, 3])


@behaviour(
    "views.contiguous-returns-self",
    level=MUST,
    profile=IMPERATIVE,
    source=_PAGE,
    kills=["contiguous-copies"],
)
def contiguous_returns_self(p):
    """contiguous() returns the tensor itself if it is contiguous and a contiguous copy otherwise; both are
    differentiable.
    """
    x = p.leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    same, turned = x.contiguous(), p.view("t", x)
    p.expect_same(same, x)
    copy = turned.contiguous()
    p.expect_shared(copy, x, value=False)
    p.expect(turned.stride, (1, 3))
    p.expect(copy.stride, (2, 1))
    weights = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    (copy * p.constant(weights)).sum().backward()
    p.expect(x.grad, [[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]])
    (same * 2).sum().backward()
    p.expect(x.grad, [[3.0, 5.0, 7.0], [4.0, 6.0, 8.0]])


@behaviour(
    "views.view-of-leaf-is-not-leaf",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor.is_leaf, docstring",
    kills=["is-leaf-always-true"],
)
def view_of_leaf_is_not_leaf(p):
    """A view of a leaf that requires grad is a non-leaf with a grad_fn, and backward through it fills the leaf's
    .grad.
    """
    for take, name in (
        (lambda x: p.view("view", x, size=(2, 1)), "ViewBackward0"),
        (lambda x: p.view("unsqueeze", x, dim=0), "UnsqueezeBackward0"),
    ):
        x = p.leaf([1.0, 2.0])
        v = take(x)
        p.expect(v.is_leaf, False)
        p.expect(v.grad_fn, name)
        (v * 3).sum().backward()
        p.expect(x.grad, [3.0, 3.0])
        p.expect(x.is_leaf, True)


@behaviour(
    "views.real-imag-in-place-updates-complex",
    level=MUST,
    profile=IMPERATIVE,
    source="Complex numbers page, accessing real and imag",
    kills=["real-copies"],
    needs=["complex"],
    depends=["views.share-data"],
)
def real_imag_in_place_updates_complex(torch):
    """An in-place change of z.real or z.imag changes the complex tensor z."""
    for dtype in (torch.complex128, torch.complex64):
        z = torch.tensor([1 + 2j, 3 + 4j], dtype=dtype)
        z.real.mul_(2)
        assert_equal(torch.view_as_real(z), [[2.0, 2.0], [6.0, 4.0]])
        z.imag.add_(1)
        assert_equal(torch.view_as_real(z), [[2.0, 3.0], [6.0, 5.0]])


@behaviour(
    "views.view-in-no-grad-then-in-place-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source="the error itself; Autograd mechanics, in-place operations",
    kills=["view-in-place-unrecorded"],
)
def view_in_no_grad_then_in_place_raises(p):
    """Changing in place, with recording on, a view of a tensor that requires grad which was created under no_grad
    raises RuntimeError.
    """
    for take in (lambda b: p.view("select", b, dim=0, index=0), lambda b: p.view("view", b, size=(2, 1))):
        base = p.leaf([1.0, 2.0]) * 1
        with p.no_grad():
            v = take(base)
        with p.raises("RuntimeError", "no_grad mode"):
            v.add_(1)
