"""A tape in eighty lines, and the Python kit that makes it an engine: ``conformance certify --engine "stdio:python tiny.py"``."""

import math

from engine import Array, Unsupported, serve


class Tensor:
    """Numbers in C order; what they were made from, with each one's derivatives, element by element."""

    def __init__(self, flat, shape, requires_grad=False, parents=()):
        self.flat, self.shape, self.parents = list(flat), tuple(shape), parents
        self.requires_grad = requires_grad or any(p.requires_grad for p, _ in parents)
        self.grad = None

    def backward(self, cotangent=None):
        """Adds to the gradient of every leaf, in reverse order of creation."""
        pending = {id(self): list(cotangent.flat) if cotangent else [1.0]}
        for node in reversed(self.ancestors()):
            g = pending.pop(id(node))
            if not node.parents:
                node.grad = Tensor([a + b for a, b in zip(node.grad.flat, g)] if node.grad else g, node.shape)
            for parent, pull_back in node.parents:
                if parent.requires_grad:
                    old = pending.get(id(parent), [0.0] * len(parent.flat))
                    pending[id(parent)] = [a + b for a, b in zip(old, pull_back(g))]

    def ancestors(self):
        """This tensor and those it depends on, parents first."""
        found, seen = [], set()

        def visit(node):
            if node.requires_grad and id(node) not in seen:
                seen.add(id(node))
                for parent, _ in node.parents:
                    visit(parent)
                found.append(node)

        visit(self)
        return found


def unary(function, derivative):
    """An elementwise operator from its function and its derivative."""

    def call(x):
        slopes = [derivative(v) for v in x.flat]
        return Tensor(map(function, x.flat), x.shape, parents=[(x, lambda g: [a * s for a, s in zip(g, slopes)])])

    return call


def binary(function, first, second):
    """An operator of two tensors of one shape from its function and its two derivatives."""

    def call(x, y):
        if not isinstance(x, Tensor) or not isinstance(y, Tensor) or x.shape != y.shape:
            raise Unsupported("broadcasting")
        pairs = list(zip(x.flat, y.flat))
        parents = [(x, lambda g: [a * first(*p) for a, p in zip(g, pairs)]),
                   (y, lambda g: [a * second(*p) for a, p in zip(g, pairs)])]  # fmt: skip
        return Tensor([function(*p) for p in pairs], x.shape, parents=parents)

    return call


def total(x, dim, keepdim):
    """The sum of everything."""
    if dim not in (None, ()) and len(dim) < len(x.shape):
        raise Unsupported("dim")
    shape = (1,) * len(x.shape) if keepdim else ()
    return Tensor([math.fsum(x.flat)], shape, parents=[(x, lambda g: g * len(x.flat))])


def leaf(array, requires_grad):
    """Only float64 is here."""
    if array.dtype != "float64":
        raise Unsupported(array.dtype)
    return Tensor(array.data, array.shape, requires_grad)


def plain(function):
    """`add` and `sub` without the factor that PyTorch allows."""

    def call(x, y, alpha):
        if alpha != 1:
            raise Unsupported("alpha")
        return function(x, y)

    return call


if __name__ == "__main__":
    serve(
        name="tiny",
        version="1.0",
        features=["float64", "detach", "accumulation"],
        operators={
            "neg": unary(lambda v: -v, lambda v: -1.0),
            "square": unary(lambda v: v * v, lambda v: 2 * v),
            "atan": unary(math.atan, lambda v: 1 / (1 + v * v)),
            "add": plain(binary(lambda a, b: a + b, lambda a, b: 1.0, lambda a, b: 1.0)),
            "sub": plain(binary(lambda a, b: a - b, lambda a, b: 1.0, lambda a, b: -1.0)),
            "mul": binary(lambda a, b: a * b, lambda a, b: b, lambda a, b: a),
            "sum": total,
        },
        leaf=leaf,
        read=lambda tensor: Array("float64", tensor.shape, tensor.flat),
        backward=lambda output, cotangent: output.backward(cotangent),
        grad=lambda tensor: tensor.grad,
        detach=lambda tensor: Tensor(tensor.flat, tensor.shape),
    )
