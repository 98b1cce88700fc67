"""Chainer over the Python kit, in the Python 3.8 that its last release needs."""

import chainer
import chainer.functions as F
import numpy as np
from engine import Array, Unsupported, serve

chainer.config.warn_nondeterministic = False
DTYPES = ("float16", "float32", "float64")


def leaf(array, requires_grad):
    """A variable, or a NumPy array where the numbers are no floats: an index or a mask."""
    found = np.array(array.data, dtype=array.dtype).reshape(array.shape)
    return chainer.Variable(found, requires_grad=requires_grad) if array.dtype in DTYPES else found


def read(tensor):
    """The numbers of a variable."""
    found = np.asarray(getattr(tensor, "array", tensor))
    return Array(found.dtype.name, found.shape, found.ravel().tolist())


def backward(output, cotangent):
    """Chainer makes the ones for a single element itself; a retained graph is its default."""
    if cotangent is not None:
        output.grad = np.array(cotangent.array)
    output.backward()


def over(function):
    """A reduction, with PyTorch's names of its arguments."""
    return lambda a, dim=None, keepdim=False: function(
        a, axis=None if dim == () or a.ndim == 0 else dim, keepdims=keepdim
    )


def along(function):
    """An operator along one axis, which chainer has for arrays with axes only."""
    return lambda a, dim: function(a, axis=dim) if a.ndim else F.reshape(function(F.reshape(a, (1,)), axis=0), ())


def only(function, **accepted):
    """The function where its attributes have these values."""

    def call(*args, **kw):
        for name, value in kw.items():
            if value != accepted.get(name, object()):
                raise Unsupported("%s=%r" % (name, value))
        return function(*args)

    return call


def flags(a, dims):
    """The elements in the other order along some axes, one at a time."""
    for dim in dims:
        a = F.flip(a, dim % a.ndim)
    return a


def clamp(a, min, max):
    """Only between numbers, and the lower one below."""
    low, high = -np.inf if min is None else min, np.inf if max is None else max
    if not all(isinstance(bound, (int, float)) for bound in (low, high)) or low >= high:
        raise Unsupported("such bounds")
    return F.clip(a, low, high)


def linear(a, w, b=None):
    """The axes before the last are those of a batch, of which there is one at least."""
    if a.ndim < 2:
        raise Unsupported("one vector alone")
    return F.linear(a, w, b, n_batch_axes=a.ndim - 1)


def typed(function):
    """The function, less the types and shapes that chainer refuses before it computes."""

    def call(*args, **kw):
        try:
            return function(*args, **kw)
        except chainer.utils.type_check.InvalidType as refusal:
            raise Unsupported("other operands in " + str(refusal).split("performed in: ")[-1].splitlines()[0]) from None

    return call


def same(*names, **renamed):
    """Operators that chainer spells as PyTorch, and those with a name of their own."""
    return dict({name: getattr(F, name) for name in names}, **{name: getattr(F, own) for name, own in renamed.items()})


OPERATORS = same(
    "ceil", "cos", "cosh", "digamma", "erf", "erfc", "erfinv", "exp", "expm1", "floor", "lgamma", "log", "log10", "log1p", "log2",
    "maximum", "minimum", "rsqrt", "sigmoid", "sign", "sin", "sinh", "sqrt", "square", "tan", "tanh",
    abs="absolute", acos="arccos", asin="arcsin", atan="arctan", atan2="arctan2", trunc="fix", matmul="matmul", mm="matmul",
    bmm="matmul", fmod="fmod",
)  # fmt: skip
OPERATORS.update({
    "add": lambda a, b, alpha: a + b if alpha == 1 else a + alpha * b,
    "sub": lambda a, b, alpha: a - b if alpha == 1 else a - alpha * b,
    "mul": lambda a, b: a * b,
    "div": only(lambda a, b: a / b, rounding_mode=None),
    "true_divide": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
    "neg": lambda a: -a,
    "reciprocal": lambda a: 1 / a,
    "clamp": clamp,
    "where": lambda mask, a, b: F.where(mask, a, b),
    "sum": over(F.sum), "mean": over(F.mean), "prod": over(F.prod), "amax": over(F.max), "amin": over(F.min),
    "logsumexp": over(lambda a, axis, keepdims: only(lambda x: F.logsumexp(x, axis=axis), keepdim=False)(a, keepdim=keepdims)),
    "softmax": along(F.softmax), "log_softmax": along(F.log_softmax), "cumsum": along(F.cumsum), "cumprod": along(F.cumprod),
    "reshape": lambda a, shape: F.reshape(a, shape),
    "view": lambda a, size: F.reshape(a, size),
    "ravel": lambda a: F.reshape(a, (-1,)),
    "t": lambda a: F.transpose(a) if a.ndim == 2 else F.identity(a),
    "transpose": lambda a, dim0, dim1: F.swapaxes(a, dim0, dim1),
    "permute": lambda a, dims: F.transpose(a, dims),
    "movedim": lambda a, source, destination: F.moveaxis(a, source, destination),
    "unsqueeze": lambda a, dim: F.expand_dims(a, dim),
    "broadcast_to": lambda a, size: F.broadcast_to(a, size),
    "cat": lambda tensors, dim: F.concat(tensors, axis=dim),
    "stack": lambda tensors, dim: F.stack(tensors, axis=dim),
    "hstack": F.hstack, "vstack": F.vstack,
    "flip": flags,
    "tile": lambda a, dims: F.tile(a, dims),
    "repeat": lambda a, repeats: F.tile(a, repeats),
    "getitem": lambda a, index: a[index],
    "tensordot": lambda a, b, dims: F.tensordot(a, b, axes=dims),
    "einsum": lambda tensors, equation: F.einsum(equation, *tensors),
    "linalg.inv": lambda a: F.inv(a) if a.ndim == 2 else F.batch_inv(a),
    "linalg.det": lambda a: F.det(a) if a.ndim == 2 else F.batch_det(a),
    "linalg.cholesky": only(F.cholesky, upper=False),
    "nn.functional.relu": F.relu, "nn.functional.relu6": F.relu6, "nn.functional.selu": F.selu,
    "nn.functional.elu": lambda a, alpha: F.elu(a, alpha),
    "nn.functional.leaky_relu": lambda a, negative_slope: F.leaky_relu(a, negative_slope),
    "nn.functional.softplus": lambda a, beta, threshold: F.softplus(a, beta),
    "nn.functional.linear": linear,
})  # fmt: skip

if __name__ == "__main__":
    serve(
        name="chainer",
        version=chainer.__version__,
        features=["float64", "float32", "float16", "accumulation", "detach"],
        operators={name: typed(function) for name, function in OPERATORS.items()},
        leaf=leaf,
        read=read,
        backward=backward,
        grad=lambda tensor: getattr(tensor, "grad_var", None),
        detach=lambda tensor: chainer.Variable(tensor.array, requires_grad=False),
    )
