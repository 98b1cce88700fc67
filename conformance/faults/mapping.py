"""vmap that loops, repeats one example, maps the wrong dimension, or lets pass what it must refuse."""

from __future__ import annotations

from conformance.faults.patching import module, replace, replace_everywhere
from conformance.faults.registry import fault


def _vmap(engine, change):
    """Replaces vmap by ``change(vmap, func, args, kwargs, options)`` wherever refgrad uses it."""

    def make(vmap):
        def wrong(func, in_dims=0, out_dims=0, randomness="error", **kw):
            options = {"in_dims": in_dims, "out_dims": out_dims, "randomness": randomness, **kw}
            return lambda *args, **kwargs: change(vmap, func, args, kwargs, options)

        return wrong

    replace_everywhere(module("func.transforms"), "vmap", make)


def _mapped(engine, function, tree):
    return module("func.pytree").tree_map(function, tree)


@fault("vmap-repeats-first-example")
def vmap_repeats_first_example(engine):
    """Every example of a mapped function's result is the first one's."""

    def change(vmap, func, args, kwargs, options):
        found = vmap(func, **options)(*args, **kwargs)
        return found if options["out_dims"] != 0 else _mapped(engine, lambda y: y[:1].expand(y.shape), found)

    _vmap(engine, change)


@fault("vmap-dims-ignored")
def vmap_dims_ignored(engine):
    """Dimension 0 of every argument is mapped and that of the results, whatever in_dims and out_dims say."""
    _vmap(
        engine,
        lambda vmap, func, args, kwargs, options: vmap(func, **options | {"in_dims": 0, "out_dims": 0})(
            *args, **kwargs
        ),
    )


@fault("chunks-lose-the-last")
def chunks_lose_the_last(engine):
    """With chunk_size the results of the last chunk are zeros."""

    def change(vmap, func, args, kwargs, options):
        found = vmap(func, **options)(*args, **kwargs)
        size = options.get("chunk_size")

        def without_last(y):
            return y if size is None or size >= y.shape[0] else engine.torch.cat([y[:-size], y[-size:] * 0])

        return _mapped(engine, without_last, found)

    _vmap(engine, change)


@fault("vmap-maps-keywords")
def vmap_maps_keywords(engine):
    """Keyword arguments are mapped along their first dimension."""

    def change(vmap, func, args, kwargs, options):
        names, count = list(kwargs), len(args)

        def positional(*values):
            return func(*values[:count], **dict(zip(names, values[count:], strict=True)))

        return vmap(positional, **options)(*args, *kwargs.values())

    _vmap(engine, change)


@fault("vmap-loops")
def vmap_loops(engine):
    """The function runs once for each example and stacks the results."""

    def change(vmap, func, args, kwargs, options):
        if options["in_dims"] != 0 or options["out_dims"] != 0:
            return vmap(func, **options)(*args, **kwargs)
        examples = [[a[i] for a in args] for i in range(args[0].shape[0])]
        return engine.torch.stack([func(*example, **kwargs) for example in examples])

    _vmap(engine, change)


@fault("vmap-random-unasked")
def vmap_random_unasked(engine):
    """Random operations inside vmap draw different numbers without being asked to."""

    def change(vmap, func, args, kwargs, options):
        options["randomness"] = "different" if options["randomness"] == "error" else options["randomness"]
        return vmap(func, **options)(*args, **kwargs)

    _vmap(engine, change)


@fault("vmap-writes-into-unmapped")
def vmap_writes_into_unmapped(engine):
    """Writing a mapped value into an unmapped tensor does nothing, without an error."""

    def make(write):
        def wrong(self, *args, **kw):
            try:
                return write(self, *args, **kw)
            except RuntimeError as error:
                if "vmap" not in str(error):
                    raise
                return self

        return wrong

    for name in ("add_", "mul_", "copy_"):
        replace(engine.torch.Tensor, name, make)


@fault("vmap-values-are-first-examples")
def vmap_values_are_first_examples(engine):
    """item() and the truth of a mapped value are those of the first example."""
    engine.torch.Tensor.item = lambda self: self._data.item()
    engine.torch.Tensor.__bool__ = lambda self: bool(self._data)
