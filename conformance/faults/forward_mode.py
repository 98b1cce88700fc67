"""Forward mode that loses terms, levels that do not end, and dual tensors that are copies."""

from __future__ import annotations

from conformance.faults.patching import module, replace, replace_everywhere
from conformance.faults.registry import fault


def _forward(engine):
    return engine.torch.autograd.forward_ad


def _unpacking(engine, change):
    """Passes what unpack_dual gives through `change(tensor, found)`."""

    def make(unpack):
        def wrong(tensor, **kw):
            return change(tensor, unpack(tensor, **kw))

        return wrong

    replace(_forward(engine), "unpack_dual", make)


@fault("tangents-keep-first-term")
def tangents_keep_first_term(engine):
    """Of an operation on several tensors with tangents only the first one's term counts."""
    replace(module("rules"), "_total", lambda _: lambda terms: terms[0] if terms else None)


@fault("plain-tangent-is-zeros")
def plain_tangent_is_zeros(engine):
    """A tensor without tangent unpacks with zeros."""
    zeros = engine.torch.zeros_like
    _unpacking(engine, lambda x, found: found if found.tangent is not None else found._replace(tangent=zeros(x)))


@fault("tangents-detached")
def tangents_detached(engine):
    """Unpacked tangents are cut from the graph."""
    _unpacking(
        engine, lambda _, found: found if found.tangent is None else found._replace(tangent=found.tangent.detach())
    )


@fault("unpacked-is-bare-tuple")
def unpacked_is_bare_tuple(engine):
    """unpack_dual gives a plain tuple."""
    _unpacking(engine, lambda _, found: tuple(found))


@fault("tangents-outlive-level")
def tangents_outlive_level(engine):
    """Tangents can still be unpacked after their level."""

    def change(tensor, found):
        left = list((tensor._tangents or {}).values())
        return found._replace(tangent=left[-1]) if found.tangent is None and left else found

    _unpacking(engine, change)


@fault("forward-needs-requires-grad")
def forward_needs_requires_grad(engine):
    """Tangents of tensors that do not require grad count as zero."""

    def make(make_dual):
        def wrong(tensor, tangent, **kw):
            return make_dual(tensor, tangent if tensor.requires_grad else tangent * 0, **kw)

        return wrong

    replace(_forward(engine), "make_dual", make)


@fault("duals-anywhere")
def duals_anywhere(engine):
    """make_dual outside a level gives the primal."""
    duals = module("modes").state

    def make(make_dual):
        return lambda tensor, tangent, **kw: make_dual(tensor, tangent, **kw) if duals.duals else tensor

    replace(_forward(engine), "make_dual", make)


@fault("duals-copy-primal")
def duals_copy_primal(engine):
    """make_dual copies the primal."""
    replace(
        _forward(engine), "make_dual", lambda make_dual: lambda x, tangent, **kw: make_dual(x.clone(), tangent, **kw)
    )


@fault("tangents-copied")
def tangents_copied(engine):
    """make_dual copies the tangent, whatever its layout."""
    replace(module("levels"), "_laid_out", lambda _: lambda x, t: t.clone())


@fault("levels-nest")
def levels_nest(engine):
    """A dual level may start inside another."""
    state = module("modes").state

    def make(enter):
        def wrong():
            outer, state.duals = state.duals, ()
            level = enter()
            state.duals = (*outer, *state.duals)
            return level

        return wrong

    replace_everywhere(module("autograd.forward_ad"), "enter_dual_level", make)


@fault("exit-any-level")
def exit_any_level(engine):
    """exit_dual_level ends the latest level, whichever is named."""
    replace_everywhere(module("autograd.forward_ad"), "exit_dual_level", lambda end: lambda *, level=None: end())
