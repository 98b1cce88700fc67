"""What may require grad, what casts and promotion do to gradients, and the dtype in which each gradient comes."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_equal, raises

_ONCE = ("float64",)  # for cases that are about several dtypes at once
_TO = "PyTorch documentation, torch.Tensor.to"
_PROMOTION = "PyTorch documentation, tensor attributes, type promotion"
_MODULE = "PyTorch documentation, torch.autograd, supported dtypes"


def _integers(torch):
    return (torch.int32, torch.int64, torch.uint8, torch.bool)


@behaviour(
    "dtype.integer-cannot-require-grad",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_TO}, note; {_MODULE}",
    kills=["integers-may-require-grad"],
)
def integer_cannot_require_grad(torch):
    """Asking an integer or boolean tensor to require grad raises RuntimeError, at construction, by requires_grad_() and
    by attribute.
    """
    for dtype in _integers(torch):
        with raises(RuntimeError, "floating point"):
            torch.ones(2, dtype=dtype, requires_grad=True)
        x = torch.ones(2, dtype=dtype)
        with raises(RuntimeError, "floating point"):
            x.requires_grad_()
        with raises(RuntimeError, "floating point"):
            x.requires_grad = True
        assert not x.requires_grad, f"a refused {dtype} tensor requires grad all the same"


@also("dtype.integer-cannot-require-grad", dtypes=_ONCE)
def integer_leaf_is_refused(p):
    for dtype in ("int32", "int64", "uint8", "bool"):
        x = p.constant([1, 0], dtype=dtype)
        with p.raises("RuntimeError", "floating point"):
            x.requires_grad_()


@behaviour(
    "dtype.integer-parameter-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"PyTorch documentation, torch.nn.Parameter; {_TO}, note",
    needs=["nn"],
)
def integer_parameter_raises(torch):
    """Parameter of an integer tensor raises RuntimeError unless requires_grad=False."""
    for dtype in _integers(torch):
        with raises(RuntimeError, "floating point"):
            torch.nn.Parameter(torch.ones(1, dtype=dtype))
        frozen = torch.nn.Parameter(torch.ones(1, dtype=dtype), requires_grad=False)
        assert not frozen.requires_grad, f"a frozen Parameter of {dtype} requires grad"


@behaviour(
    "dtype.cast-to-integer-drops-gradient",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_TO}, note",
    kills=["integer-cast-keeps-gradient"],
)
def cast_to_integer_drops_gradient(torch):
    """Casting a tensor that requires grad to an integer or boolean dtype gives a tensor that does not require grad."""
    x = torch.tensor([1.5, -2.0], requires_grad=True)
    for source in (x, x * 2):
        casts = [source.to(dtype) for dtype in _integers(torch)]
        for cast in (*casts, source.int(), source.long(), source.bool()):
            assert not cast.requires_grad, f"a cast to {cast.dtype} requires grad"


@also("dtype.cast-to-integer-drops-gradient", dtypes=_ONCE)
def value_cast_to_integer_is_a_constant(p):
    x = p.leaf([1.5, -2.0])
    k = x.to(dtype="int64")
    p.expect(k, [1, -2], dtype="int64")
    p.expect(p.grad((k * x).sum(), x)[0], [1.0, -2.0])


@behaviour(
    "dtype.float-cast-is-differentiable",
    level=MUST,
    profile=FUNCTIONAL,
    source=_TO,
    kills=["float-cast-detaches"],
    dtypes=_ONCE,
)
def float_cast_is_differentiable(p):
    """Casting between floating dtypes is differentiable, and the gradient comes back in the source's dtype."""
    for source, target in (("float32", "float64"), ("float64", "float32"), ("float16", "float32")):
        for values in (1.5, [1.5, -2.0], [[0.5], [4.0]]):
            x = p.leaf(values, dtype=source)
            y = x.to(dtype=target) * 3
            p.expect(y.dtype, target)
            (g,) = p.grad(y.sum(), x)
            p.expect(g.dtype, source)
            p.expect(
                g, [[3.0], [3.0]] if values == [[0.5], [4.0]] else [3.0, 3.0] if values != 1.5 else 3.0, dtype=source
            )


@behaviour(
    "dtype.grad-has-leaf-dtype",
    level=MUST,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.Tensor.grad_dtype",
    kills=["gradient-keeps-incoming-dtype"],
    dtypes=_ONCE,
)
def grad_has_leaf_dtype(p):
    """.grad has the leaf's dtype in mixed-precision expressions: float32 * float64 is computed in float64 and gives a
    float32 and a float64 gradient.
    """
    for lower, higher in (("float32", "float64"), ("float16", "float32"), ("float16", "float64")):
        a, b = p.leaf([1.0, 2.0], dtype=lower), p.leaf([3.0, -1.0], dtype=higher)
        y = a * b
        p.expect(y.dtype, higher)
        da, db = p.grad(y.sum(), (a, b))
        p.expect(da.dtype, lower)
        p.expect(db.dtype, higher)
        p.expect(da, [3.0, -1.0], dtype=lower)
        p.expect(db, [1.0, 2.0], dtype=higher)


@also("dtype.grad-has-leaf-dtype", dtypes=_ONCE)
def accumulated_gradient_has_leaf_dtype(p):
    a, b = p.leaf([1.0, 2.0], dtype="float32"), p.leaf([3.0, -1.0], dtype="float64")
    for times in (1.0, 2.0):
        (a * b).sum().backward()
        p.expect(a.grad, [3.0 * times, -times], dtype="float32")
        p.expect(b.grad, [times, 2.0 * times], dtype="float64")


@behaviour(
    "dtype.integer-operand-promotes",
    level=MUST,
    profile=FUNCTIONAL,
    source=_PROMOTION,
    kills=["integer-operand-widens"],
)
def integer_operand_promotes(p):
    """An integer operand is promoted and gets no gradient, while the floating operand's gradient is right in its own
    dtype.
    """
    for dtype in ("int64", "int32", "uint8"):
        for values, factors in (([2.0], [3]), ([[1.5, -2.0]], [4, 5]), (2.0, [1, 2, 3])):
            x, i = p.leaf(values), p.constant(factors, dtype=dtype)
            y = x * i
            p.expect(y.dtype, p.dtype)
            (g,) = p.grad(y.sum(), x)
            p.expect(g, float(sum(factors)) if values == 2.0 else [factors] if values != [2.0] else factors)


@also("dtype.integer-operand-promotes")
def integer_operand_gets_no_grad(p):
    x, i = p.leaf([2.0]), p.constant([3], dtype="int64")
    (x * i).backward()
    p.expect(x.grad, [3.0])
    p.expect(i.grad, None)


@behaviour(
    "dtype.python-scalar-does-not-promote",
    level=MUST,
    profile=FUNCTIONAL,
    source=_PROMOTION,
    kills=["python-number-promotes"],
    dtypes=("float64", "float32", "float16"),
)
def python_scalar_does_not_promote(p):
    """A Python number of the same category does not change the dtype of a floating tensor, and an integer tensor plus a
    float number becomes the default float dtype.
    """
    x = p.leaf([1.0, -2.0])
    for y in (x * 2.5, x + 1, 2 - x, x / 4):
        p.expect(y.dtype, p.dtype)
    p.expect((p.constant([1], dtype="int32") + 1.5).dtype, "float32")
    p.expect((p.constant([1], dtype="int64") * 2).dtype, "int64")


@behaviour(
    "dtype.zero-dim-does-not-promote-same-category",
    level=MUST,
    profile=FUNCTIONAL,
    source=_PROMOTION,
    kills=["zero-dim-promotes"],
    dtypes=_ONCE,
)
def zero_dim_does_not_promote_same_category(p):
    """A 0-dimensional float64 tensor does not promote a float32 vector, and each still gets its gradient in its own
    dtype.
    """
    for vector, scalar in (("float32", "float64"), ("float16", "float32"), ("float16", "float64")):
        x, s = p.leaf([1.0, 3.0], dtype=vector), p.leaf(2.0, dtype=scalar)
        y = x * s
        p.expect(y.dtype, vector)
        dx, ds = p.grad(y.sum(), (x, s))
        p.expect(dx, [2.0, 2.0], dtype=vector)
        p.expect(ds, 4.0, dtype=scalar)


@behaviour(
    "dtype.real-times-complex",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PROMOTION}; complex numbers page",
    kills=["real-leaf-gets-complex-gradient"],
    needs=["complex"],
    dtypes=_ONCE,
)
def real_times_complex(p):
    """A real operand of a complex product gets a real gradient."""
    for real, complex_ in (("float32", "complex64"), ("float64", "complex128")):
        x, z = p.leaf([1.0, -2.0], dtype=real), p.leaf([3 + 4j, 1j], dtype=complex_)
        y = x * z
        p.expect(y.dtype, complex_)
        dx, dz = p.grad(y, (x, z), p.constant([1 + 1j, 2.0], dtype=complex_))
        p.expect(dx, [7.0, 0.0], dtype=real)  # Re((1+1j) conj(3+4j)), Re(2 conj(1j))
        p.expect(dz, [1 + 1j, -4.0], dtype=complex_)


@behaviour(
    "dtype.low-precision-gradient", level=SHOULD, profile=FUNCTIONAL, source=_MODULE, dtypes=("float16", "bfloat16")
)
def low_precision_gradient(p):
    """Leaves of float16 and bfloat16 get gradients of their own dtype."""
    for values in ([2.0], [[1.5, -4.0]], 0.5):
        x = p.leaf(values)
        (g,) = p.grad((x * x).sum(), x)
        p.expect(g.dtype, p.dtype)
        p.expect(g, [4.0] if values == [2.0] else [[3.0, -8.0]] if values != 0.5 else 1.0)


@behaviour(
    "dtype.in-place-lower-category-raises",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_PROMOTION}, casting of results",
    kills=["in-place-casts-anything"],
)
def in_place_lower_category_raises(torch):
    """An in-place operation whose result would have a higher category than the target raises RuntimeError: int *=
    float, bool *= int, float *= complex; float *= double is allowed.
    """
    refused = ((torch.int32, torch.float32), (torch.bool, torch.int32), (torch.float32, torch.complex64))
    for target, other in refused:
        for change in ("mul_", "add_"):
            x = torch.ones(1, dtype=target)
            with raises(RuntimeError, "can't be cast"):
                getattr(x, change)(torch.ones(1, dtype=other))
            assert x.tolist() == [1], f"a refused {change} changed a {target} tensor to {x}"
    for target, other in ((torch.float32, torch.float64), (torch.float16, torch.float32), (torch.int32, torch.int64)):
        x = torch.ones(1, dtype=target)
        assert x.mul_(torch.ones(1, dtype=other)).dtype == target, f"{target} *= {other} changed the dtype"
        assert_equal(x, [1.0])
