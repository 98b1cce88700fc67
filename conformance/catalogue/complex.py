"""Gradients of complex tensors: dL/da + i dL/db for z = a + bi, and what that means for products and for real leaves."""

from __future__ import annotations

import numpy as np

from conformance.cases import FUNCTIONAL, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_close, raises

_NOTES = "PyTorch documentation, autograd notes, autograd for complex numbers"
_PAGE = "PyTorch documentation, complex numbers page"
_POINTS = ([1 + 2j], [[3 - 4j, -1j], [2.0, 0.5 + 0.5j]], 1 - 1j)


def _complex(p) -> str:
    """The complex dtype whose parts are of the case's dtype."""
    return {"float64": "complex128", "float32": "complex64"}[p.dtype]


def _dtypes(torch):
    return (torch.complex64, torch.complex128)


@behaviour(
    "complex.real-loss-conjugate-convention",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_NOTES}; {_PAGE}",
    kills=["complex-gradient-conjugated", "complex-gradient-halved"],
    needs=["complex"],
)
def real_loss_conjugate_convention(torch):
    """For a real loss of a complex z = a + bi the gradient is dL/da + i dL/db: for |z|**2 it is 2z."""
    for dtype in _dtypes(torch):
        for values in _POINTS:
            z = torch.tensor(values, dtype=dtype, requires_grad=True)
            (z.abs() ** 2).sum().backward()
            assert_close(z.grad, (2 * np.array(values)).tolist(), "the gradient of |z|**2", tolerance=1e-6)


@also("complex.real-loss-conjugate-convention", needs=["complex"])
def square_of_the_modulus(p):
    for values in _POINTS:
        z = p.leaf(values, dtype=_complex(p))
        (g,) = p.grad((z * z.conj()).real().sum(), z)
        p.expect(g, 2 * np.array(values), dtype=_complex(p))


@behaviour(
    "complex.gradient-is-steepest-ascent",
    level=MUST,
    profile=FUNCTIONAL,
    source=_NOTES,
    kills=["complex-gradient-conjugated"],
    needs=["complex"],
)
def gradient_is_steepest_ascent(torch):
    """Stepping against the gradient lowers a real loss of a complex parameter: repeated z -= lr * z.grad converges to
    the minimizer of |z - c|**2.
    """
    for target in (1 - 3j, -2j, 0.5):
        c = torch.tensor(target, dtype=torch.complex128)
        z = torch.tensor(2 + 1j, dtype=torch.complex128, requires_grad=True)
        losses = []
        for _ in range(60):
            loss = (z - c).abs() ** 2
            losses.append(loss.item())
            (g,) = torch.autograd.grad(loss, z)
            with torch.no_grad():
                z -= 0.2 * g
        assert losses[1] < losses[0], f"one step raised the loss from {losses[0]} to {losses[1]}"
        assert_close(z, target, "the minimizer", tolerance=1e-6)


@also("complex.gradient-is-steepest-ascent", needs=["complex"])
def half_a_gradient_leads_to_the_minimum(p):
    for values in _POINTS:
        z = p.leaf(values, dtype=_complex(p))
        (g,) = p.grad((z * z.conj()).real().sum(), z)
        p.expect(z.detach() - 0.5 * g, np.zeros(np.shape(values)), dtype=_complex(p))


@behaviour(
    "complex.holomorphic-vjp-conjugates",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_NOTES}, how the conjugate Wirtinger derivative is computed",
    kills=["complex-gradient-conjugated", "complex-product-unconjugated"],
    needs=["complex"],
)
def holomorphic_vjp_conjugates(p):
    """For a holomorphic f the input gradient is the incoming gradient times the conjugate of f'(z): for w = c z with
    complex c and incoming 1 it is conj(c).
    """
    for values in ([1 + 1j], [1 + 2j, -3j]):
        for factor in (2 + 3j, 1j, -1.0 - 0.5j):
            z, c = p.leaf(values, dtype=_complex(p)), p.constant(factor, dtype=_complex(p))
            for incoming in (1, 2 - 1j):
                weights = p.constant(np.full(len(values), incoming), dtype=_complex(p))
                (g,) = p.grad(z * c, z, weights)
                p.expect(g, np.full(len(values), incoming * np.conj(factor)), dtype=_complex(p))
                (g,) = p.grad(z * z, z, weights)
                p.expect(g, incoming * np.conj(2 * np.array(values)), dtype=_complex(p))


_MATRIX = np.array([[2 + 1j, 1], [-1j, 3]])
_COFACTORS = np.array([[3, 1j], [-1, 2 + 1j]])


def _determinant(p, z):
    """By its phase and the logarithm of its modulus, neither of which is holomorphic."""
    phase, logarithm = p.many(2, "linalg.slogdet", z)
    return phase * logarithm.exp()


@also("complex.holomorphic-vjp-conjugates", needs=["complex"])
def determinant_from_its_phase_and_modulus(p):
    z = p.leaf(_MATRIX, dtype=_complex(p))
    for incoming in (1.0, 2 - 1j):
        (g,) = p.grad(_determinant(p, z), z, p.constant(incoming + 0j, dtype=_complex(p)))
        p.expect(g, incoming * _COFACTORS.conj(), dtype=_complex(p), inexact=True)


@behaviour(
    "complex.real-scale-gives-itself",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_NOTES}, how to write a derivative formula",
    kills=["complex-gradient-halved"],
    needs=["complex"],
)
def real_scale_gives_itself(p):
    """For f(z) = c z with real c and incoming gradient 1 the gradient is c."""
    for values in ([1 + 1j], [[2j, -3.0]]):
        for c in (5.0, -0.25, 0.0):
            z = p.leaf(values, dtype=_complex(p))
            (g,) = p.grad(z * c, z, p.constant(np.ones(np.shape(values)), dtype=_complex(p)))
            p.expect(g, np.full(np.shape(values), c + 0j), dtype=_complex(p))


@behaviour(
    "complex.general-formula",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_NOTES}, the boxed equation",
    kills=["complex-gradient-conjugated", "complex-product-unconjugated"],
    needs=["complex"],
)
def general_formula(torch):
    """In general the gradient is conj(g) * ds/dz* + g * conj(ds/dz): for conj(z) it is conj(g), and for z * conj(z)
    with incoming g it is 2 Re(g) z.
    """
    for dtype in _dtypes(torch):
        for values, incoming in (([1 - 2j], [2 + 3j]), ([0.5j, -4.0], [1 - 1j, -2j])):
            g = torch.tensor(incoming, dtype=dtype)
            z = torch.tensor(values, dtype=dtype, requires_grad=True)
            (conjugate,) = torch.autograd.grad(z.conj() * 1, z, g)
            assert_close(conjugate, np.conj(incoming).tolist(), "the gradient through conj", tolerance=1e-6)
            (square,) = torch.autograd.grad(z * z.conj(), z, g)
            expected = 2 * np.real(incoming) * np.array(values)
            assert_close(square, expected.tolist(), "the gradient of z conj(z)", tolerance=1e-6)


@also("complex.general-formula", needs=["complex"])
def conjugate_and_square(p):
    for values, incoming in (([1 - 2j], [2 + 3j]), ([0.5j, -4.0], [1 - 1j, -2j])):
        z, g = p.leaf(values, dtype=_complex(p)), p.constant(incoming, dtype=_complex(p))
        p.expect(p.grad(z.conj() * 1, z, g)[0], np.conj(incoming), dtype=_complex(p))
        p.expect(p.grad(z * z.conj(), z, g)[0], 2 * np.real(incoming) * np.array(values), dtype=_complex(p))


@behaviour(
    "complex.abs-at-zero",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_NOTES.rpartition(',')[0]}, gradients for non-differentiable functions, rule 2",
    needs=["complex"],
)
def abs_at_zero(torch):
    """abs of a complex zero has gradient 0, and elsewhere z / |z|."""
    for dtype in _dtypes(torch):
        z = torch.tensor([0j, 3 + 4j, -2j, 5.0], dtype=dtype, requires_grad=True)
        (g,) = torch.autograd.grad(z.abs().sum(), z)
        assert g[0].item() == 0, f"the gradient of abs at 0 is {g[0].item()}"
        assert_close(g, [0j, 0.6 + 0.8j, -1j, 1.0], "the gradient of abs", tolerance=1e-6)


@behaviour(
    "complex.scalar-complex-root-needs-gradient",
    level=SHOULD,
    profile=FUNCTIONAL,
    source=f"{_NOTES}: the loss is assumed to be real",
    needs=["complex"],
)
def scalar_complex_root_needs_gradient(torch):
    """backward() without gradient on a complex scalar root raises RuntimeError; with an explicit gradient it works."""
    for dtype in _dtypes(torch):
        z = torch.tensor(1 + 1j, dtype=dtype, requires_grad=True)
        with raises(RuntimeError, "real scalar"):
            (z * 2).backward()
        (z * 2).backward(torch.tensor(1 + 3j, dtype=dtype))
        assert_close(z.grad, 2 + 6j, ".grad")


@also("complex.scalar-complex-root-needs-gradient", needs=["complex"])
def complex_root_of_grad_needs_gradient(p):
    z = p.leaf(1 + 1j, dtype=_complex(p))
    with p.raises("RuntimeError"):
        p.grad(z * 2, z)
    p.expect(p.grad(z * 2, z, p.constant(1 + 3j, dtype=_complex(p)))[0], 2 + 6j, dtype=_complex(p))


@behaviour(
    "complex.forward-mode-complex",
    level=SHOULD,
    profile=FUNCTIONAL,
    source="PyTorch documentation, gradcheck notes, notations and background",
    needs=["complex"],
)
def forward_mode_complex(p):
    """Forward mode on a holomorphic function multiplies the tangent by f'(z), without a conjugate."""
    for values, tangent in (([1 + 2j], [0.5 + 1j]), ([2j, -1.0], [1.0, 3j])):
        z, t = p.constant(values, dtype=_complex(p)), p.constant(tangent, dtype=_complex(p))
        _, pushed = p.jvp(lambda z: z * z, (z,), (t,))
        p.expect(pushed, 2 * np.array(values) * np.array(tangent), dtype=_complex(p))


@also("complex.forward-mode-complex", needs=["complex"])
def tangent_of_a_determinant(p):
    z, t = (p.constant(a, dtype=_complex(p)) for a in (_MATRIX, [[1j, 2], [3 - 1j, 0.5j]]))
    _, pushed = p.jvp(lambda z: _determinant(p, z), (z,), (t,))
    p.expect(pushed, np.sum(_COFACTORS * [[1j, 2], [3 - 1j, 0.5j]]), dtype=_complex(p), inexact=True)


@behaviour(
    "complex.gradcheck-complex",
    level=MUST,
    profile=FUNCTIONAL,
    source="PyTorch documentation, torch.autograd.gradcheck; gradcheck notes",
    kills=["complex-product-unconjugated"],
    needs=["complex", "gradcheck"],
)
def gradcheck_complex(torch):
    """gradcheck accepts complex inputs and outputs, for C to R, R to C and C to C functions."""
    check = torch.autograd.gradcheck
    z = torch.tensor([0.3 + 1j, -1.2 + 0.4j], dtype=torch.complex128, requires_grad=True)
    x = torch.tensor([0.3, -1.2], dtype=torch.float64, requires_grad=True)
    for name, function, inputs in (
        ("|z|", lambda z: z.abs(), z),
        ("exp(ix)", lambda x: torch.exp(1j * x), x),
        ("z exp z", lambda z: z * z.exp(), z),
        ("x z", lambda x, z: x * z, (x, z)),
    ):
        assert check(function, inputs), f"gradcheck refuses {name}"
