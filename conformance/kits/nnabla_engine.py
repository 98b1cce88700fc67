"""NNabla over the Python kit, in the Python 3.10 that its wheels are for: executed as it is written, in float32 only."""

import nnabla as nn
import nnabla.functions as F
import numpy as np
from engine import Array, Unsupported, serve

nn.set_auto_forward(True)


def leaf(array, requires_grad):
    """A variable with its gradient at zero, or a NumPy array where the numbers are no floats: an index or a mask."""
    if array.dtype in ("float64", "float16"):  # a variable would take it, and compute in float32
        raise Unsupported(array.dtype)
    found = np.array(array.data, dtype=array.dtype).reshape(array.shape)
    if array.dtype != "float32":
        return found
    made = nn.Variable.from_numpy_array(found, need_grad=requires_grad)
    made.grad.zero()  # else the first backward adds to what the memory held
    return made


def read(tensor):
    """The numbers of a variable."""
    found = np.asarray(getattr(tensor, "d", tensor))
    if found.dtype == "uint64":  # the places that sort gives
        raise Unsupported("uint64")
    return Array(found.dtype.name, found.shape, found.ravel().tolist())


def backward(output, cotangent):
    """The graph is kept: a variable of it may be used again."""
    output.backward(1 if cotangent is None else cotangent.d, clear_buffer=False)


def grad(tensor):
    """What came back, which is zeros where nothing did; a variable that needs none has memory all the same."""
    if not getattr(tensor, "need_grad", False):
        return None
    found = np.array(tensor.g)
    return Array(found.dtype.name, found.shape, found.ravel().tolist())


def variable(a):
    """An operand of a function that takes no number."""
    if not isinstance(a, nn.Variable):
        raise Unsupported("an operand that is no float32 tensor")
    return a


def aligned(function):
    """A function of two variables, which NNabla broadcasts where they have as many axes."""

    def call(a, b):
        a, b = variable(a), variable(b)
        rank = max(a.ndim, b.ndim)
        return function(*(F.reshape(x, (1,) * (rank - x.ndim) + x.shape) if x.ndim < rank else x for x in (a, b)))

    return call


def arithmetic(function):
    """An operator of two variables, or of a variable and a number."""

    def call(a, b):
        numbers = isinstance(a, (int, float)) or isinstance(b, (int, float))
        return function(a, b) if numbers else aligned(function)(a, b)

    return call


def scaled(sign):
    """`add` and `sub`, with the factor that PyTorch allows."""
    plus = arithmetic(lambda a, b: a + b)
    minus = arithmetic(lambda a, b: a - b)
    return lambda a, b, alpha: (plus if sign > 0 else minus)(a, b if alpha == 1 else alpha * b)


def over(function):
    """A reduction, with PyTorch's names of its arguments."""
    return lambda a, dim=None, keepdim=False: function(
        a, axis=None if dim == () or a.ndim == 0 else dim, keepdims=keepdim
    )


def along(function):
    """An operator along one axis, of which a 0-d variable has none."""
    return lambda a, dim: (
        function(a, axis=dim % a.ndim) if a.ndim else F.reshape(function(F.reshape(a, (1,)), axis=0), ())
    )


def only(function, **accepted):
    """The function where its attributes have these values."""

    def call(*args, **kw):
        for name, value in kw.items():
            if value != accepted.get(name, object()):
                raise Unsupported("%s=%r" % (name, value))
        return function(*args)

    return call


def shaped(a, shape):
    """With one size left to the function, as NNabla has it too."""
    return F.reshape(a, shape) if a.size or -1 not in shape else refused("shape=%r" % (shape,))


def refused(what):
    """Says that this is not there."""
    raise Unsupported(what)


def permuted(a, dims):
    """Axes counted from the front."""
    return F.transpose(a, tuple(d % a.ndim for d in dims)) if a.ndim else F.identity(a)


def swapped(a, dim0, dim1):
    """Two axes exchanged."""
    dims = list(range(a.ndim))
    if dims:
        dims[dim0], dims[dim1] = dims[dim1], dims[dim0]
    return permuted(a, dims)


def expanded(a, size):
    """To a shape in which -1 is the variable's own size."""
    own = (1,) * (len(size) - a.ndim) + a.shape
    return F.broadcast(F.reshape(a, own), tuple(o if s == -1 else s for o, s in zip(own, size)))


def squeezed(a, dim):
    """Without these axes where they have one element."""
    dims = {d % a.ndim for d in (dim if isinstance(dim, tuple) else (dim,))} if a.ndim else ()
    return F.reshape(a, tuple(n for k, n in enumerate(a.shape) if k not in dims or n != 1))


def unsqueezed(a, dim):
    """With one more axis, here."""
    place = dim % (a.ndim + 1)
    return F.reshape(a, (*a.shape[:place], 1, *a.shape[place:]))


def clamp(a, min, max):
    """Between numbers, of which both must be there."""
    if not all(isinstance(bound, (int, float)) for bound in (min, max)):
        raise Unsupported("such bounds")
    return F.clip_by_value(a, min, max)


def where(mask, a, b):
    """A mask of the operands' own shape, as float32."""
    a, b = variable(a), variable(b)
    if not mask.shape == a.shape == b.shape:
        raise Unsupported("broadcasting in where")
    return F.where(nn.Variable.from_numpy_array(mask.astype("float32")), a, b)


def matmul(a, b):
    """Of matrices, and of stacks of one shape."""
    if a.ndim == b.ndim == 2:
        return F.affine(a, b)
    if a.ndim == b.ndim and a.ndim > 2:
        return F.batch_matmul(a, b)
    raise Unsupported("a vector, or a stack and a matrix")


def batched(function):
    """A function of stacks of matrices."""

    def call(a):
        stack = F.reshape(a, (-1, *a.shape[-2:])) if a.size else refused("no elements")
        found = function(stack)
        return F.reshape(found, a.shape[:-2] + found.shape[1:])

    return call


def norm(a, ord=2, dim=None, keepdim=False):
    """Of the orders that are norms, but the largest."""
    if not 1 <= ord < np.inf:
        raise Unsupported("ord=%r" % (ord,))
    return over(lambda x, **kw: F.norm(x, ord, **kw))(a, dim, keepdim)


def elements(a, index):
    """Integers and slices, as NNabla indexes; with arrays it says for itself that it does not."""
    whole = index if isinstance(index, tuple) else (index,)
    if any(isinstance(i, np.ndarray) for i in whole):
        raise Unsupported("an index that is an array")
    return a[index]


def along_axis(a, dim, index):
    """An index of one axis."""
    return a[(slice(None),) * (dim % a.ndim) + (index,)]


def padded(a, pad, mode, value=None):
    """Constants or copies at the ends of the last axes."""
    if mode == "circular" or min(pad) < 0:
        raise Unsupported("pad=%r, mode=%r" % (pad, mode))
    widths = sum(reversed(list(zip(pad[::2], pad[1::2]))), ())
    return F.pad(a, widths, mode={"replicate": "repeat"}.get(mode, mode), constant_value=value or 0)


def convolution(a, w, b=None, *, stride, padding, dilation, groups, **more):
    """As NNabla spells it."""
    if isinstance(padding, str) or a.ndim != w.ndim:
        raise Unsupported("padding=%r, or no batch" % (padding,))
    function = F.deconvolution if more else F.convolution
    return function(a, w, b, pad=padding, stride=stride, dilation=dilation, group=groups, **more)


def pool(function, a, kernel_size, stride, padding, dilation=1, ceil_mode=False, **more):
    """Pooling over windows without gaps, of which the last ends in the padding at the latest."""
    kernel, step, pad, gaps = (
        (v, v) if isinstance(v, int) else v for v in (kernel_size, stride or kernel_size, padding, dilation)
    )
    if gaps != (1, 1) or ceil_mode or more.pop("divisor_override", None) or a.ndim != 4:
        raise Unsupported("dilation=%r, ceil_mode=%r, divisor_override or no batch" % (dilation, ceil_mode))
    counted = {"including_pad": more["count_include_pad"]} if more else {}
    return function(a, kernel, stride=step, pad=pad, **counted)


def reduced(loss):
    """A loss for each element, reduced."""

    def call(a, b, reduction, weight=None):
        if weight is not None:
            raise Unsupported("weight")
        return {"none": F.identity, "sum": F.sum, "mean": F.mean}[reduction](aligned(loss)(a, b))

    return call


def typed(function):
    """The function, less what NNabla says for itself that it does not do."""

    def call(*args, **kw):
        try:
            return function(*args, **kw)
        except (RuntimeError, ValueError, TypeError, NotImplementedError) as refusal:
            words = str(refusal)
            if "not_implemented" in words or "not implemented" in words or "not supported" in words:
                raise Unsupported("what it has not: " + words.strip().splitlines()[0][:80]) from None
            raise

    return call


def same(*names, **renamed):
    """Operators that NNabla spells as PyTorch, and those with a name of their own."""
    return dict({name: getattr(F, name) for name in names}, **{name: getattr(F, own) for name, own in renamed.items()})


OPERATORS = same(
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "erf", "exp", "floor", "log",
    "sigmoid", "sin", "sinh", "tan", "tanh", clone="identity",
)  # fmt: skip
OPERATORS.update({
    "add": scaled(1), "sub": scaled(-1),
    "mul": arithmetic(lambda a, b: a * b),
    "div": only(arithmetic(lambda a, b: a / b), rounding_mode=None),
    "true_divide": arithmetic(lambda a, b: a / b),
    "pow": arithmetic(lambda a, b: a**b),
    "neg": lambda a: -a,
    "sqrt": lambda a: F.pow_scalar(a, 0.5), "rsqrt": lambda a: F.pow_scalar(a, -0.5), "square": lambda a: F.pow_scalar(a, 2),
    "reciprocal": lambda a: F.r_div_scalar(a, 1),
    "sign": lambda a: F.sign(a, alpha=0.0),
    "round": only(F.round, decimals=0),
    "atan2": aligned(F.atan2), "maximum": aligned(F.maximum2), "minimum": aligned(F.minimum2),
    "fmod": arithmetic(lambda a, b: F.mod2(variable(a), variable(b), fmod=True)),
    "contiguous": F.identity,
    "clamp": clamp,
    "where": where,
    "sum": over(F.sum), "mean": over(F.mean), "prod": over(F.prod), "amax": over(F.max), "amin": over(F.min),
    "softmax": along(F.softmax), "log_softmax": along(F.log_softmax), "cumsum": along(F.cumsum), "cumprod": along(F.cumprod),
    "nn.functional.softmin": lambda a, dim: along(F.softmax)(-a, dim),
    "reshape": shaped,
    "view": lambda a, size: shaped(a, size),
    "ravel": lambda a: F.reshape(a, (a.size,)),
    "permute": permuted,
    "t": lambda a: swapped(a, 0, -1),
    "transpose": swapped,
    "expand": expanded, "broadcast_to": expanded,
    "squeeze": squeezed, "unsqueeze": unsqueezed,
    "cat": lambda tensors, dim: F.concatenate(*tensors, axis=dim % tensors[0].ndim),
    "stack": lambda tensors, dim: F.stack(*tensors, axis=dim % (tensors[0].ndim + 1)),
    "unbind": lambda a, dim: F.split(a, axis=dim % a.ndim),
    "flip": lambda a, dims: F.flip(a, [d % a.ndim for d in dims]) if dims else F.identity(a),
    "tile": lambda a, dims: F.tile(a, dims), "repeat": lambda a, repeats: F.tile(a, repeats),
    "getitem": elements,
    "narrow": lambda a, dim, start, length: along_axis(a, dim, slice(start % a.shape[dim], start % a.shape[dim] + length)),
    "select": along_axis,
    "index_select": lambda a, dim, index: F.gather(a, nn.Variable.from_numpy_array(index), axis=dim % a.ndim),
    "tril": lambda a, diagonal: F.trilu(a, diagonal, upper=False), "triu": lambda a, diagonal: F.trilu(a, diagonal),
    "sort": lambda a, dim, descending: F.sort(a, axis=dim, reverse=descending, with_index=True) if a.ndim else refused("0-d"),
    "mm": F.affine, "bmm": F.batch_matmul, "matmul": matmul,
    "dot": lambda a, b: F.sum(a * b),
    "einsum": lambda tensors, equation: F.einsum(*tensors, equation=equation),
    "linalg.inv": batched(F.batch_inv), "linalg.det": batched(F.batch_det),
    "linalg.cholesky": only(batched(F.batch_cholesky), upper=False),
    "linalg.vector_norm": norm,
    "nn.functional.relu": F.relu, "nn.functional.relu6": F.relu6, "nn.functional.selu": F.selu,
    "nn.functional.silu": F.swish, "nn.functional.mish": F.mish, "nn.functional.softsign": F.softsign,
    "nn.functional.logsigmoid": F.log_sigmoid, "nn.functional.tanhshrink": F.tanh_shrink,
    "nn.functional.elu": lambda a, alpha: F.elu(a, alpha),
    "nn.functional.leaky_relu": lambda a, negative_slope: F.leaky_relu(a, negative_slope),
    "nn.functional.hardtanh": only(F.hard_tanh, min_val=-1.0, max_val=1.0),
    "nn.functional.gelu": only(F.gelu, approximate="tanh"),
    "nn.functional.prelu": lambda a, weight: F.prelu(a, weight) if a.ndim > 1 else refused("no channels"),
    "nn.functional.softplus": lambda a, beta, threshold: F.softplus(a, beta) if threshold == 20.0 else refused("threshold"),
    "nn.functional.linear": lambda a, w, b=None: F.affine(a, F.transpose(w, (1, 0)), b, base_axis=a.ndim - 1),
    "nn.functional.embedding": only(
        lambda i, w: F.embed(nn.Variable.from_numpy_array(i), w), padding_idx=None, scale_grad_by_freq=False
    ),
    "nn.functional.pad": padded,
    "nn.functional.mse_loss": reduced(F.squared_error), "nn.functional.l1_loss": reduced(F.absolute_error),
    "nn.functional.binary_cross_entropy": reduced(F.binary_cross_entropy),
    "nn.functional.max_pool2d": lambda a, **kw: pool(F.max_pooling, a, **kw),
    "nn.functional.avg_pool2d": lambda a, **kw: pool(F.average_pooling, a, **kw),
    "nn.functional.conv1d": convolution, "nn.functional.conv2d": convolution, "nn.functional.conv3d": convolution,
    "nn.functional.conv_transpose2d": convolution,
})  # fmt: skip

if __name__ == "__main__":
    serve(
        name="nnabla",
        version=nn.__version__,
        features=["float32", "accumulation", "detach"],
        operators={name: typed(function) for name, function in OPERATORS.items()},
        leaf=leaf,
        read=read,
        backward=typed(backward),
        grad=grad,
        detach=lambda tensor: tensor.get_unlinked_variable(need_grad=False),
    )
