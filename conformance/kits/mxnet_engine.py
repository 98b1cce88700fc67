"""MXNet over the Python kit, in the Python 3.8 that its last release needs: the arrays of `mx.np`, recorded throughout."""

import mxnet as mx
from engine import Array, Unsupported, serve

np, npx = mx.np, mx.npx
npx.set_np()
mx.autograd.set_recording(True)
mx.autograd.set_training(True)
FLOATS = ("float16", "float32", "float64")


def leaf(array, requires_grad):
    """An array with room for its gradient, which a second backward overwrites: MXNet's default, and what its kernels are for."""
    found = np.array(array.data, dtype=array.dtype).reshape(array.shape)
    if requires_grad and array.dtype in FLOATS:
        found.attach_grad("write")
    return found


def read(tensor):
    """The numbers of an array."""
    found = tensor.asnumpy()
    return Array(found.dtype.name, found.shape, found.ravel().tolist())


def over(function):
    """A reduction, with PyTorch's names of its arguments."""
    return lambda a, dim=None, keepdim=False: function(
        a, axis=None if dim == () or a.ndim == 0 else dim, keepdims=keepdim
    )


def along(function):
    """An operator along one axis, of which a 0-d array has none."""
    return lambda a, dim: function(a, axis=dim) if a.ndim else np.reshape(function(np.reshape(a, (1,)), axis=0), ())


def only(function, **accepted):
    """The function where its attributes have these values."""

    def call(*args, **kw):
        for name, value in kw.items():
            if value != accepted.get(name, object()):
                raise Unsupported("%s=%r" % (name, value))
        return function(*args)

    return call


def sort(a, dim, descending):
    """Upwards only; the places are those of an order of its own, which is stable like that of the values."""
    if descending:
        raise Unsupported("descending=True")
    x, axis = (a, dim) if a.ndim else (np.reshape(a, (1,)), 0)
    return tuple(np.reshape(found, a.shape) for found in (np.sort(x, axis), np.argsort(x, axis)))


def spread(function):
    """`var` or `std`, whose correction is the number of degrees of freedom."""
    return lambda a, dim=None, correction=1, keepdim=False: over(
        lambda x, axis, keepdims: function(x, axis=axis, ddof=correction, keepdims=keepdims)
    )(a, dim, keepdim)


def clamp(a, min, max):
    """Between numbers by `clip`; between arrays, as PyTorch documents it, by the smaller and the larger."""
    if all(isinstance(bound, (int, float)) for bound in (min, max)):
        return np.clip(a, min, max)
    a = a if min is None else np.maximum(a, min)
    return a if max is None else np.minimum(a, max)


def along_axis(a, dim, index):
    """An index of one axis."""
    return a[(slice(None),) * (dim % a.ndim) + (index,)]


def parts(a, split_size_or_sections, dim):
    """Slices of these sizes, one after the other."""
    total, given = a.shape[dim], split_size_or_sections
    sizes = given if isinstance(given, tuple) else (given,) * (-(-total // given) if given else 1)
    edges = [min(sum(sizes[:k]), total) for k in range(len(sizes) + 1)]
    return tuple(along_axis(a, dim, slice(p, q)) for p, q in zip(edges, edges[1:]))


def expand(a, size):
    """To a shape in which -1 is the array's own size."""
    own = (1,) * (len(size) - a.ndim) + a.shape
    return np.broadcast_to(a, tuple(o if s == -1 else s for o, s in zip(own, size)))


def squeeze(a, dim):
    """Without these axes where they have one element."""
    dims = {d % a.ndim for d in (dim if isinstance(dim, tuple) else (dim,))} if a.ndim else ()
    return np.reshape(a, tuple(n for k, n in enumerate(a.shape) if k not in dims or n != 1))


def padded(a, pad, mode, value=None):
    """Constants or copies at the ends of the last axes."""
    if mode == "circular" or min(pad) < 0:
        raise Unsupported("pad=%r, mode=%r" % (pad, mode))
    widths = ((0, 0),) * (a.ndim - len(pad) // 2) + tuple(zip(pad[::2], pad[1::2]))[::-1]
    constant = {"constant_values": value or 0} if mode == "constant" else {}
    return np.pad(a, widths, mode={"replicate": "edge"}.get(mode, mode), **constant)


def convolution(a, w, b=None, *, stride, padding, dilation, groups, **more):
    """As `npx` takes it: the number of filters and the size of the kernel are said beside the weights."""
    if isinstance(padding, str) or a.ndim != w.ndim:
        raise Unsupported("padding=%r, or no batch" % (padding,))
    function, filters = (npx.deconvolution, w.shape[1] * groups) if more else (npx.convolution, w.shape[0])
    adjusted = {"adj": more["output_padding"]} if more else {}
    given = {"kernel": w.shape[2:], "stride": stride, "pad": padding, "dilate": dilation, "num_group": groups}
    operands = (a, w) if b is None else (a, w, b)
    return function(*operands, num_filter=filters, no_bias=b is None, **given, **adjusted)


def pool(kind, a, kernel_size, stride, padding, dilation=1, ceil_mode=False, count_include_pad=True, **more):
    """Pooling over windows without gaps, of which the last ends in the padding at the latest."""
    if dilation not in (1, (1, 1)) or ceil_mode or more.get("divisor_override") or a.ndim != 4:
        raise Unsupported("dilation=%r, ceil_mode=%r, divisor_override or no batch" % (dilation, ceil_mode))
    kernel, step, pad = ((v, v) if isinstance(v, int) else v for v in (kernel_size, stride or kernel_size, padding))
    return npx.pooling(a, kernel=kernel, stride=step, pad=pad, pool_type=kind, count_include_pad=count_include_pad)


def reduced(loss):
    """A loss of the difference, reduced."""

    def call(a, b, reduction, weight=None):
        if weight is not None:
            raise Unsupported("weight")
        return {"none": lambda y: y, "sum": np.sum, "mean": np.mean}[reduction](loss(a - b))

    return call


def vector_norm(a, ord=2, dim=None, keepdim=False):
    """Over one axis, or over all of a vector."""
    axis = dim[0] if isinstance(dim, tuple) and len(dim) == 1 else dim or None
    if isinstance(axis, tuple) or a.ndim == 0 or (axis is None and a.ndim > 1):
        raise Unsupported("dim=%r" % (dim,))
    return np.linalg.norm(a, ord, axis, keepdim)


def layer_norm(a, normalized_shape, weight=None, bias=None, eps=1e-5):
    """Over the last axis, with both factors."""
    if len(normalized_shape) != 1 or weight is None or bias is None:
        raise Unsupported("normalized_shape=%r, or no weight" % (normalized_shape,))
    return npx.layer_norm(a, weight, bias, axis=-1, eps=eps)


REFUSALS = ("Type inconsistent", "Incompatible attr", "Invalid Parameter format", "not implemented", "not supported")


def typed(function):
    """The function, less the types of operands and attributes that MXNet refuses before it computes."""

    def call(*args, **kw):
        try:
            return function(*args, **kw)
        except mx.base.MXNetError as refusal:
            if any(words in str(refusal) for words in REFUSALS):
                raise Unsupported("other operands: " + str(refusal).strip().splitlines()[-1][:80]) from None
            raise

    return call


def same(*names, **renamed):
    """Operators that MXNet spells as PyTorch, and those with a name of their own."""
    return dict(
        {name: getattr(np, name) for name in names}, **{name: getattr(np, own) for name, own in renamed.items()}
    )


OPERATORS = same(
    "ceil", "copysign", "cos", "cosh", "dot", "exp", "expm1", "floor", "hypot", "inner", "log", "log10", "log1p", "log2",
    "matmul", "maximum", "minimum", "outer", "ravel", "reciprocal", "sign", "sin", "sinh", "sqrt", "square", "tan", "tanh",
    "trace", "trunc", "where", abs="abs", acos="arccos", acosh="arccosh", asin="arcsin", asinh="arcsinh", atan="arctan",
    atan2="arctan2", atanh="arctanh", mm="matmul", mul="multiply", mv="matmul", neg="negative", pow="power", remainder="mod",
    t="transpose", true_divide="divide", deg2rad="radians", rad2deg="degrees",
)  # fmt: skip
OPERATORS.update({
    "add": lambda a, b, alpha: a + b if alpha == 1 else a + alpha * b,
    "sub": lambda a, b, alpha: a - b if alpha == 1 else a - alpha * b,
    "div": only(np.divide, rounding_mode=None),
    "addcmul": lambda a, b, c, value: a + value * b * c,
    "addcdiv": lambda a, b, c, value: a + value * b / c,
    "lerp": lambda a, b, weight: a + weight * (b - a),
    "frac": lambda a: a - np.trunc(a),
    "clone": lambda a: a.copy(),
    "contiguous": lambda a: a,
    "clamp": clamp,
    "masked_fill": lambda a, mask, value: np.where(mask, value, a),
    "nan_to_num": lambda a, nan=0.0, posinf=None, neginf=None: np.nan_to_num(a, nan=nan, posinf=posinf, neginf=neginf),
    "erf": npx.erf, "erfinv": npx.erfinv, "lgamma": npx.gammaln, "sigmoid": npx.sigmoid,
    "sum": over(np.sum), "mean": over(np.mean), "prod": over(np.prod), "amax": over(np.max), "amin": over(np.min),
    "var": spread(np.var), "std": spread(np.std),
    "var_mean": lambda a, **kw: (spread(np.var)(a, **kw), over(np.mean)(a, kw.get("dim"), kw.get("keepdim", False))),
    "std_mean": lambda a, **kw: (spread(np.std)(a, **kw), over(np.mean)(a, kw.get("dim"), kw.get("keepdim", False))),
    "softmax": along(npx.softmax), "log_softmax": along(npx.log_softmax), "cumsum": along(np.cumsum),
    "nn.functional.softmin": lambda a, dim: along(npx.softmax)(-a, dim),
    "reshape": lambda a, shape: np.reshape(a, shape),
    "view": lambda a, size: np.reshape(a, size),
    "transpose": lambda a, dim0, dim1: np.swapaxes(a, dim0, dim1) if a.ndim else a,
    "permute": lambda a, dims: np.transpose(a, dims),
    "movedim": lambda a, source, destination: np.moveaxis(a, source, destination),
    "squeeze": squeeze,
    "unsqueeze": lambda a, dim: np.expand_dims(a, dim),
    "expand": expand, "broadcast_to": expand,
    "cat": lambda tensors, dim: np.concatenate(tensors, axis=dim),
    "stack": lambda tensors, dim: np.stack(tensors, axis=dim),
    "hstack": np.hstack, "vstack": np.vstack,
    "split": parts,
    "chunk": lambda a, chunks, dim: parts(a, -(-a.shape[dim] // chunks), dim),
    "unbind": lambda a, dim: tuple(along_axis(a, dim, k) for k in range(a.shape[dim])),
    "narrow": lambda a, dim, start, length: along_axis(a, dim, slice(start % a.shape[dim], start % a.shape[dim] + length)),
    "select": along_axis,
    "getitem": lambda a, index: a[index],
    "index_select": lambda a, dim, index: np.take(a, index, axis=dim),
    "flip": lambda a, dims: np.flip(a, dims),
    "roll": lambda a, shifts, dims: np.roll(a, shifts, dims) if dims else np.roll(a, *shifts),
    "tile": lambda a, dims: np.tile(a, dims),
    "repeat": lambda a, repeats: np.tile(a, repeats),
    "repeat_interleave": lambda a, repeats, dim: np.repeat(a, repeats, axis=dim),
    "tril": lambda a, diagonal: np.tril(a, diagonal),
    "diag": lambda a, diagonal: np.diag(a, diagonal),
    "diagonal": lambda a, offset, dim1, dim2: np.diagonal(a, offset, dim1, dim2),
    "sort": sort,
    "bmm": npx.batch_dot,
    "addmm": lambda a, b, c, beta, alpha: beta * a + alpha * np.matmul(b, c),
    "addmv": lambda a, b, c, beta, alpha: beta * a + alpha * np.matmul(b, c),
    "baddbmm": lambda a, b, c, beta, alpha: beta * a + alpha * np.matmul(b, c),
    "addr": lambda a, b, c, beta, alpha: beta * a + alpha * np.outer(b, c),
    "tensordot": lambda a, b, dims: np.tensordot(a, b, dims),
    "einsum": lambda tensors, equation: np.einsum(equation, *tensors),
    "linalg.det": np.linalg.det, "linalg.inv": np.linalg.inv, "linalg.slogdet": np.linalg.slogdet,
    "linalg.solve": only(np.linalg.solve, left=True),
    "linalg.cholesky": only(np.linalg.cholesky, upper=False),
    "linalg.eigh": lambda a, UPLO="L": tuple(np.linalg.eigh(a, UPLO)),
    "linalg.vector_norm": vector_norm,
    "linalg.matrix_norm": lambda a, ord="fro", dim=(-2, -1), keepdim=False: np.linalg.norm(a, ord, dim, keepdim),
    "norm": lambda a, p="fro", **kw: vector_norm(a, 2 if p == "fro" else p, **kw),
    "nn.functional.relu": npx.relu,
    "nn.functional.softsign": lambda a: npx.activation(a, act_type="softsign"),
    "nn.functional.softplus": only(lambda a: npx.activation(a, act_type="softrelu"), beta=1.0, threshold=20.0),
    "nn.functional.selu": lambda a: npx.leaky_relu(a, act_type="selu"),
    "nn.functional.elu": lambda a, alpha: npx.leaky_relu(a, act_type="elu", slope=alpha),
    "nn.functional.leaky_relu": lambda a, negative_slope: npx.leaky_relu(a, act_type="leaky", slope=negative_slope),
    "nn.functional.gelu": only(lambda a: npx.leaky_relu(a, act_type="gelu"), approximate="none"),
    "nn.functional.prelu": lambda a, weight: npx.leaky_relu(a, weight, act_type="prelu"),
    "nn.functional.silu": lambda a: a * npx.sigmoid(a),
    "nn.functional.linear": lambda a, w, b=None: npx.fully_connected(
        *((a, w) if b is None else (a, w, b)), num_hidden=w.shape[0], no_bias=b is None, flatten=False
    ),
    "nn.functional.embedding": only(
        lambda i, w: npx.embedding(i, w, input_dim=w.shape[0], output_dim=w.shape[1], dtype=w.dtype),
        padding_idx=None, scale_grad_by_freq=False,
    ),
    "nn.functional.pad": padded,
    "nn.functional.layer_norm": layer_norm,
    "nn.functional.mse_loss": reduced(np.square), "nn.functional.l1_loss": reduced(np.abs),
    "nn.functional.max_pool2d": lambda a, **kw: pool("max", a, **kw),
    "nn.functional.avg_pool2d": lambda a, **kw: pool("avg", a, **kw),
    "nn.functional.conv1d": convolution, "nn.functional.conv2d": convolution, "nn.functional.conv3d": convolution,
    "nn.functional.conv_transpose2d": convolution,
})  # fmt: skip

if __name__ == "__main__":
    serve(
        name="mxnet",
        version=mx.__version__,
        features=["float64", "float32", "float16", "detach"],
        operators={name: typed(function) for name, function in OPERATORS.items()},
        leaf=leaf,
        read=read,
        backward=typed(lambda output, cotangent: output.backward(cotangent)),
        grad=lambda tensor: tensor.grad,
        detach=lambda tensor: tensor.detach(),
    )
