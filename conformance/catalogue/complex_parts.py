"""Complex tensors and their parts: real losses, pairs of real numbers, optimizers, checks."""

from __future__ import annotations

import numpy as np

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_close

_NOTES = "PyTorch documentation, autograd notes, autograd for complex numbers"
_PAGE = "PyTorch documentation, complex numbers page"


def _complex(p) -> str:
    """The complex dtype whose parts are of the case's dtype."""
    return {"float64": "complex128", "float32": "complex64"}[p.dtype]


def _dtypes(torch):
    return (torch.complex64, torch.complex128)


@behaviour(
    "complex.real-to-real-through-complex",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_NOTES}, short version",
    kills=["complex-product-unconjugated"],
    needs=["complex"],
    depends=["complex.general-formula"],
)
def real_to_real_through_complex(torch):
    """A real function computed with complex intermediates has the same gradient as its real form: |e^{ix} + 1|**2 = 2 +
    2 cos x has gradient -2 sin x.
    """
    for dtype in (torch.float64, torch.float32):
        for values in (0.7, [-1.25, 0.5], [[2.0], [0.25]]):
            x = torch.tensor(values, dtype=dtype, requires_grad=True)
            (torch.exp(1j * x) + 1).abs().pow(2).sum().backward()
            assert x.grad.dtype == dtype, f"the gradient of a real leaf is {x.grad.dtype}"
            assert_close(x.grad, (-2 * np.sin(values)).tolist(), "the gradient", tolerance=1e-5)


@also("complex.real-to-real-through-complex", needs=["complex"])
def modulus_of_a_multiple(p):
    """|(1 + 2i) x|**2 = 5 x**2."""
    for values in (0.5, [-1.25, 0.5], [[2.0], [0.25]]):
        x, c = p.leaf(values), p.constant(1 + 2j, dtype=_complex(p))
        z = x * c
        (g,) = p.grad((z * z.conj()).real().sum(), x)
        p.expect(g, 10 * np.array(values))


@behaviour(
    "complex.real-leaf-gets-real-gradient",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_NOTES}, cross-domain functions",
    kills=["real-leaf-gets-complex-gradient"],
    needs=["complex"],
)
def real_leaf_gets_real_gradient(p):
    """A real leaf used in complex computation gets a real gradient, the real part of the complex one."""
    for values in ([2.0], [[1.0, -0.5]]):
        for factor, incoming in ((3 + 4j, 1 + 1j), (2j, 1j), (-1.0, 2 - 3j)):
            x, c = p.leaf(values), p.constant(factor, dtype=_complex(p))
            (g,) = p.grad(x * c, x, p.constant(np.full(np.shape(values), incoming), dtype=_complex(p)))
            p.expect(g, np.full(np.shape(values), (incoming * np.conj(factor)).real))


@behaviour(
    "complex.real-imag-parts",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_NOTES}, cross-domain functions; {_PAGE}",
    kills=["complex-gradient-conjugated"],
    needs=["complex"],
)
def real_imag_parts(torch):
    """The gradient of the real part with incoming 1 is 1, and of the imaginary part it is 1j."""
    for dtype in _dtypes(torch):
        for values in ([1 + 2j], [[3j, -4.0]], 0.5 - 1j):
            z = torch.tensor(values, dtype=dtype, requires_grad=True)
            for part, expected in ((z.real, 1.0), (z.imag, 1j), (torch.real(z), 1.0), (torch.imag(z), 1j)):
                (g,) = torch.autograd.grad(part.sum(), z)
                assert_close(g, np.full(np.shape(values), expected).tolist(), "the gradient of a part")


@also("complex.real-imag-parts", needs=["complex"])
def parts_of_a_square(p):
    """The parts of z itself and of z**2, which is a**2 - b**2 + 2abi."""
    for values in ([1 + 2j], [[3j, -4.0]], 0.5 - 1j):
        z = p.leaf(values, dtype=_complex(p))
        ones = np.ones(np.shape(values))
        p.expect(p.grad(z.real().sum(), z)[0], ones, dtype=_complex(p))
        p.expect(p.grad(z.imag().sum(), z)[0], 1j * ones, dtype=_complex(p))
        p.expect(p.grad((z * z).real().sum(), z)[0], 2 * np.conj(values), dtype=_complex(p))


@behaviour(
    "complex.view-as-real-equivalence",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"{_PAGE}, autograd and optimizers",
    kills=["complex-gradient-conjugated", "complex-product-unconjugated"],
    needs=["complex"],
    depends=["complex.general-formula"],
)
def view_as_real_equivalence(torch):
    """The gradient with respect to z seen by view_as_real equals the gradient with respect to the pair of its real and
    imaginary parts.
    """

    def loss(z):
        return (z.exp() * (1 + 2j)).real.sum()

    for pairs in ([[1.0, 2.0]], [[0.5, -1.0], [0.0, 0.25]]):
        pair = torch.tensor(pairs, dtype=torch.float64, requires_grad=True)
        loss(torch.view_as_complex(pair)).backward()
        z = torch.view_as_complex(torch.tensor(pairs, dtype=torch.float64)).requires_grad_()
        loss(z).backward()
        assert_close(torch.view_as_real(z.grad), pair.grad, "the complex gradient, seen as real")
        expected = (1 + 2j) * np.exp(np.array([complex(a, b) for a, b in pairs]))
        assert_close(z.grad, np.conj(expected).tolist(), "the gradient of Re(c exp z)")


@also("complex.view-as-real-equivalence", needs=["complex"])
def pairs_and_numbers(p):
    for pairs in ([[1.0, 2.0]], [[0.5, -1.0], [0.0, 0.25]]):
        values = [complex(a, b) for a, b in pairs]
        pair, z, c = p.leaf(pairs), p.leaf(values, dtype=_complex(p)), p.constant(1 + 2j, dtype=_complex(p))
        w = pair.view_as_complex()
        (of_pair,) = p.grad((w * w * c).real().sum(), pair)
        (of_number,) = p.grad((z * z * c).real().sum(), z)
        expected = np.conj(2 * np.array(values) * (1 + 2j))
        p.expect(of_pair, np.stack([expected.real, expected.imag], axis=-1))
        p.expect(of_number.view_as_real(), np.stack([expected.real, expected.imag], axis=-1))


@behaviour(
    "complex.gradient-dtype",
    level=MUST,
    profile=FUNCTIONAL,
    source=f"PyTorch documentation, torch.autograd; {_PAGE}",
    kills=["complex-leaf-gets-real-gradient"],
    needs=["complex"],
)
def gradient_dtype(p):
    """The gradient of a complex leaf has the leaf's complex dtype."""
    for values in (3 + 4j, [1 + 1j, -2.0], [[0.5, 1.0]]):
        z = p.leaf(values, dtype=_complex(p))
        for y in (z.abs().sum(), (z * 2.0).abs().sum()):
            p.expect(p.grad(y, z)[0].dtype, _complex(p))


@behaviour(
    "complex.optimizer-equals-view-as-real",
    level=MUST,
    profile=IMPERATIVE,
    source=f"{_PAGE}, optimizers",
    kills=["optimizer-squares-complex"],
    needs=["complex", "nn"],
)
def optimizer_equals_view_as_real(torch):
    """An optimizer step on a complex parameter equals the step on its view_as_real form."""

    def loss(z):
        return (z * (1 - 1j) - 3).abs().sum()

    for make in (torch.optim.AdamW, torch.optim.Adam, torch.optim.SGD):
        z = torch.tensor([1 + 2j, -0.5j], dtype=torch.complex128, requires_grad=True)
        pair = torch.view_as_real(z.detach().clone()).requires_grad_()
        for parameter, f in ((z, loss), (pair, lambda r: loss(torch.view_as_complex(r)))):
            optimizer = make([parameter], lr=0.1)
            for _ in range(3):
                optimizer.zero_grad()
                f(parameter).backward()
                optimizer.step()
        assert_close(torch.view_as_real(z.detach()), pair, f"the parameter after {make.__name__}", tolerance=1e-8)


@behaviour(
    "complex.reverse-gives-twice-conjugate-wirtinger",
    level=SHOULD,
    profile=FUNCTIONAL,
    source="PyTorch documentation, gradcheck notes, notations and background information",
    discrepancy="The autograd notes and the complex numbers page call the computed gradient dL/dz*; the gradcheck notes "
    "say 2 dL/dz*, which is what torch returns.",
    kills=["complex-gradient-halved"],
    needs=["complex"],
)
def reverse_gives_twice_conjugate_wirtinger(torch):
    """What is returned for a real output is twice the conjugate Wirtinger derivative: for f(z) = Re(z) it is 1 while
    df/dz* = 1/2.
    """
    for value in (3 + 1j, -2j, 0j):
        z = torch.tensor([value], dtype=torch.complex128, requires_grad=True)
        (g,) = torch.autograd.grad(z.real.sum(), z)
        assert_close(g, [1.0], "the gradient of Re(z)")


@also("complex.reverse-gives-twice-conjugate-wirtinger", needs=["complex"])
def real_part_by_a_program(p):
    for value in (3 + 1j, -2j, 0j):
        z = p.leaf([value], dtype=_complex(p))
        p.expect(p.grad(z.real().sum(), z)[0], [1.0], dtype=_complex(p))
