"""The tensor: an array, its place in the recorded graph, and what PyTorch attaches to it. Operations are in
`refgrad.record`.
"""

from __future__ import annotations

import warnings
import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Self

from refgrad import dtypes
from refgrad.attributes import CPU, CUDA, META, Size
from refgrad.attributes import device as Device
from refgrad.backends import HOME_TYPE, device_of, namespace
from refgrad.graph import AccumulateGrad, Handle, Node
from refgrad.modes import state
from refgrad.rules import Recorded


class _Core(Recorded):
    """What every operation reads and writes, in slots; whoever makes a tensor sets them all."""

    __slots__ = ("_base", "_cell", "_data", "_edge", "_inference", "_requires")
    _data: Any
    _cell: list[int]  # the version counter, shared by everything on the same storage
    _edge: Any  # its place in the graph: a node, and which of its results; None for leaves
    _requires: bool  # for leaves
    _base: Any  # for views: the tensor that owns the storage; else None
    _inference: bool


class Tensor(_Core):
    """An array of one dtype, with its place in the graph. Made by `refgrad.tensor` and by operations."""

    _grad: Any = None
    _replay: tuple[Any, ...] = ()  # for views: the operations from the base to here
    _seen: int = 0  # for views: the version at which `_edge` was right
    _creation: str | None = None  # for views: what forbids to modify them, see `refgrad.views`
    _hooks: Any = None  # for leaves: hooks on the gradient
    _after: Any = None  # for leaves: hooks after accumulation
    _accumulator: Any = None  # for leaves: weak reference to the AccumulateGrad node
    _tangents: Any = None  # in forward mode: by level
    _internal: bool = False  # a leaf that a function transform made
    _grad_dtype: Any = None
    _meta: bool = False
    _level: Any = None  # for batched tensors: the vmap that made them
    _mask: Any = None  # for masked tensors: which elements count
    if TYPE_CHECKING:  # the methods, mounted by `refgrad.methods`

        def __getattr__(self, name: str) -> Any: ...
        def __add__(self, other: Any) -> Any: ...
        def __radd__(self, other: Any) -> Any: ...
        def __sub__(self, other: Any) -> Any: ...
        def __rsub__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __rmul__(self, other: Any) -> Any: ...
        def __truediv__(self, other: Any) -> Any: ...
        def __rtruediv__(self, other: Any) -> Any: ...
        def __pow__(self, other: Any) -> Any: ...
        def __rpow__(self, other: Any) -> Any: ...
        def __matmul__(self, other: Any) -> Any: ...
        def __and__(self, other: Any) -> Any: ...
        def __or__(self, other: Any) -> Any: ...
        def __lt__(self, other: Any) -> Any: ...
        def __le__(self, other: Any) -> Any: ...
        def __gt__(self, other: Any) -> Any: ...
        def __ge__(self, other: Any) -> Any: ...
        def __neg__(self) -> Any: ...
        def __invert__(self) -> Any: ...
        def __getitem__(self, index: Any) -> Any: ...
        def __setitem__(self, index: Any, value: Any) -> None: ...
        def __len__(self) -> int: ...
        def __iter__(self) -> Any: ...
        def __bool__(self) -> bool: ...

    __array_priority__ = 1000
    __hash__ = object.__hash__
    _names: ClassVar[tuple[str, ...]] = ()

    def __new__(cls, data: Any = None, *args: Any, **kwargs: Any) -> Self:
        if data is None:
            data = namespace().zeros(0, dtypes.get_default_dtype().array)
        elif isinstance(data, Tensor):
            data = data._data
        elif isinstance(data, int):
            data = namespace().zeros((data, *args), dtypes.get_default_dtype().array)
        else:
            data = namespace().asarray(data, dtypes.get_default_dtype().array)
        return wrap(data, cls)

    def __backend__(self) -> Any:
        return namespace(self._data)

    # --- what it is -------------------------------------------------------------------------------------------------

    @property
    def shape(self) -> Size:
        """The number of elements along each dimension."""
        return Size(self._data.shape)

    @property
    def dtype(self) -> dtypes.dtype:
        """The type of the elements."""
        return dtypes.of(self._data.dtype)

    @property
    def device(self) -> Device:
        """Where the elements are."""
        if self._meta:
            return META
        return CPU if type(self._data) is HOME_TYPE or device_of(self._data) == CPU.type else CUDA

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self._data.shape)

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made it."""
        return edge(self) is None

    @property
    def grad_fn(self) -> Node | None:
        """The node of the operation that made it."""
        found = edge(self)
        return None if found is None else found[0].named()

    @property
    def output_nr(self) -> int:
        """Which of its operation's results it is."""
        return 0 if self._edge is None else self._edge[1]

    @property
    def _version(self) -> int:
        if self._inference:
            raise RuntimeError("Inference tensors do not track version counter.")
        return self._cell[0]

    # --- requires_grad and grad -------------------------------------------------------------------------------------

    @property
    def requires_grad(self) -> bool:
        """Whether gradients are computed for it."""
        return requires_grad(self)

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """This tensor, with gradients asked for or not."""  # noqa: D404 - a method gives this tensor back
        value = bool(requires_grad)
        if self._inference and not state.inference and value:
            raise RuntimeError("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.")
        if edge(self) is not None:
            if not value:
                raise RuntimeError(
                    "you can only change requires_grad flags of leaf variables. If you want to use a computed "
                    "variable in a "
                    "subgraph that doesn't require differentiation use var_no_grad = var.detach()."
                )
            return self
        if value and self._data.dtype.kind not in "fcV":
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        if self._level is not None and value:
            raise RuntimeError(
                "You are attempting to call Tensor.requires_grad_() (or perhaps using torch.autograd.functional.* "
                "APIs) inside "
                "of a function being transformed by a functorch transform. This is unsupported, please attempt to "
                "use the "
                "functorch transforms (e.g. grad, vjp, jacrev, jacfwd, hessian) or call requires_grad_() outside of "
                "a function "
                "being transformed instead."
            )
        self._requires = value
        return self

    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward passes have accumulated here, or None."""
        if self._grad is None and self._edge is not None and not self.retains_grad:
            warnings.warn(
                "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute "
                "won't be "
                "populated during autograd.backward(). If you indeed want the .grad field to be populated for a "
                "non-leaf "
                "Tensor, use .retain_grad() on the non-leaf Tensor.",
                UserWarning,
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            _check_assigned_grad(self, value)
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    @property
    def grad_dtype(self) -> Any:
        """The dtype that `.grad` takes: None for whatever arrives."""
        if edge(self) is not None:
            raise RuntimeError("grad_dtype can only be accessed on leaf tensors.")
        return self.dtype if self._grad_dtype is None else self._grad_dtype[0]

    @grad_dtype.setter
    def grad_dtype(self, value: Any) -> None:
        if edge(self) is not None:
            raise RuntimeError("grad_dtype can only be set on leaf tensors.")
        if self._grad is not None and value is not None and self._grad.dtype != value:
            raise RuntimeError(
                f"Cannot set grad_dtype to '{value}' because there is already a gradient of dtype '{self._grad.dtype}'."
            )
        self._grad_dtype = (value,)

    def retain_grad(self) -> None:
        """Keeps the gradient in `.grad` although this tensor is not a leaf."""
        if not self.requires_grad:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if edge(self) is not None:
            retain_at(self)

    @property
    def retains_grad(self) -> bool:
        """Whether `retain_grad` was called on this non-leaf tensor."""
        return retained(self)

    def register_hook(self, hook: Callable[[Tensor], Any]) -> Handle:
        """Calls `hook` with the gradient whenever it is computed; what it returns replaces it. The handle removes the
        hook.
        """
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        found = edge(self)
        if found is not None:
            return Handle(found[0]._own_hooks().of_result(found[1]), hook)
        if self._hooks is None:
            self._hooks = OrderedDict()
        return Handle(self._hooks, hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> Handle:
        """Calls `hook` with this leaf after a gradient was accumulated in it."""
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if edge(self) is not None:
            raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        if self._after is None:
            self._after = OrderedDict()
        return Handle(self._after, hook)

    # --- out of the graph -------------------------------------------------------------------------------------------

    def detach_(self) -> Self:
        """This tensor, cut from the graph: a leaf that does not require grad."""  # noqa: D404 - a method gives this tensor back
        if self._base is not None:
            raise RuntimeError(
                "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for "
                "training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence "
                "detach_() cannot be called on these gradients."
            )
        self._edge, self._requires, self._tangents = None, False, None
        return self

    @property
    def data(self) -> Tensor:
        """The same elements outside the graph, with a version counter of their own."""
        return masked_as(self, wrap(self._data))

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
        if requires_grad(self) and not (value.dtype.is_floating_point or value.dtype.is_complex):
            raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
        self._data = value._data
        if self._accumulator is not None and (node := self._accumulator()) is not None:
            node.shape, node.dtype = self._data.shape, self._data.dtype

    def is_inference(self) -> bool:
        """Whether it was made in inference mode."""
        return self._inference

    def _is_view(self) -> bool:
        return self._base is not None

    def _detached(self) -> Tensor:
        """The same elements outside the graph; storage and version counter are shared."""
        y = masked_as(self, wrap(self._data))
        y._cell, y._inference = self._cell, self._inference
        return y

    def _refresh(self) -> None:
        """Brings the place of a view in the graph up to date after its base was modified; `refgrad.views` knows how."""
        raise NotImplementedError


def _check_assigned_grad(x: Tensor, value: Any) -> None:
    if not isinstance(value, Tensor):
        raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type {type(value).__name__}")
    if value is x:
        raise RuntimeError("can't assign Variable as its own grad")
    if value._data.shape != x._data.shape:
        raise RuntimeError(
            f"attempting to assign a gradient of size '{list(value._data.shape)}' to a tensor of size "
            f"'{list(x._data.shape)}'. Please ensure that the gradient and the tensor are the same size"
        )
    dtype = x.dtype if x._grad_dtype is None else x._grad_dtype[0]
    if dtype is not None and value.dtype != dtype:
        raise RuntimeError(
            f"attempting to assign a gradient of dtype '{value.dtype}' to a tensor with grad_dtype '{dtype}': "
            "the assigned grad has data of a different type. Set grad_dtype to None to allow any."
        )
    if value.device != x.device:
        raise RuntimeError(
            f"attempting to assign a gradient with device type '{value.device.type}' to a tensor with device type "
            f"'{x.device.type}'. Please ensure that the gradient and the tensor are on the same device"
        )


def wrap(data: Any, cls: type[Any] = Tensor) -> Any:
    """A tensor around an array, outside the graph."""
    x = object.__new__(cls)
    x._data = data
    x._cell = [0]
    x._edge = x._base = None
    x._requires = x._inference = False
    return x


def is_masked(x: Any) -> bool:
    """Whether it is a tensor some of whose elements may not count."""
    return isinstance(x, Tensor) and x._mask is not None


def masked_as(x: Any, y: Tensor) -> Any:
    """`y` itself, which no one else holds yet, masked if `x` is a masked tensor."""
    if is_masked(x):
        y.__class__, y._mask = type(x), x._mask
    return y


def edge(x: Tensor) -> tuple[Node, int] | None:
    """The place of a non-leaf in the graph; that of a view is first brought up to date with its base."""
    if x._base is not None and x._cell[0] != x._seen:
        x._refresh()
    return x._edge


def requires_grad(x: Tensor) -> bool:
    """Whether gradients are computed for `x`: a view takes them when its base does, unless it was made under no_grad."""
    if x._requires or x._edge is not None:
        return True
    return x._base is not None and x._creation != "no_grad" and requires_grad(x._base)


def is_tracked(x: Tensor) -> bool:
    """Whether modifying `x` concerns the graph: gradients are computed for it, or for what it is a view of."""
    return requires_grad(x) or (x._base is not None and requires_grad(x._base))


def check_writable(x: Tensor) -> None:
    """Raises PyTorch's error for a tensor of inference mode outside of it."""
    if x._inference and not state.inference:
        raise RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed. You can make a clone to get a "
            "normal tensor before doing inplace update. See https://github.com/pytorch/rfcs/pull/17 for more details."
        )


def retain_at(x: Tensor) -> None:
    """Has the node that made `x` store the gradient in `x`."""
    node, i = x._edge
    node._own_hooks().retain[i] = weakref.ref(x)


def retained(x: Tensor, *, forget: bool = False) -> bool:
    """Whether the node that made `x` stores the gradient in `x`; if told to forget, from now on it does not."""
    if x._edge is None or x._edge[0].hooks is None:
        return False
    kept = x._edge[0].hooks.retain.get(x._edge[1])
    if kept is None or kept() is not x:
        return False
    if forget:
        del x._edge[0].hooks.retain[x._edge[1]]
    return True


def gradient_edge(x: Tensor) -> tuple[Node, int] | None:
    """Where a gradient for `x` goes: its operation, or for a leaf the node that accumulates; None if it takes none."""
    found = edge(x)
    if found is not None:
        return found
    return (accumulator(x), 0) if x._requires else None


def accumulator(x: Tensor) -> AccumulateGrad:
    """The node that accumulates into a leaf: made when first asked for, alive as long as a graph holds it."""
    node = None if x._accumulator is None else x._accumulator()
    if node is None:
        node = AccumulateGrad(x)
        x._accumulator = weakref.ref(node)
    return node


def leaves_behind(x: Tensor) -> list[Tensor]:
    """The leaves from which `x` was computed."""
    found, seen, stack = [], set(), [gradient_edge(x)[0]] if x.requires_grad else []
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, AccumulateGrad):
            found.append(node.variable)
        stack.extend(e[0] for e in node.edges if e is not None)
    return found
