"""Rows of sixteen float32 as one vector each: what the compiler does not find by itself, said to LLVM directly.

Sixteen labels' weights of one term are one cache line, and one or two registers: a term's value is multiplied into all
of them at once. numba's own loop over sixteen columns is unrolled before it can be vectorised and takes four times as
long.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils as _cgutils
from numba.extending import intrinsic

from slugline.learn.solvers.sixteen import WIDTH as WIDTH

cgutils: Any = _cgutils
_VECTOR = ir.VectorType(ir.FloatType(), WIDTH)
_INDEX = ir.IntType(64)


def _gather(typingctx: Any, indices: Any, data: Any, begin: Any, end: Any, W: Any, total: Any) -> Any:  # noqa: ARG001
    """What `gather` is made of."""
    signature = types.void(indices, data, types.int64, types.int64, W, total)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        index_of, value_of, weights, sums = _pointers(context, builder, signature, args)
        place = builder.bitcast(sums, _VECTOR.as_pointer())
        held = cgutils.alloca_once(builder, _VECTOR)
        builder.store(_load(builder, place), held)
        with _entries(builder, args) as (k, _):
            value, row = _entry(builder, index_of, value_of, weights, k)
            builder.store(builder.fadd(builder.load(held), builder.fmul(value, _load(builder, row))), held)
        _store(builder, builder.load(held), place)
        return context.get_dummy_value()

    return signature, generate


def _scatter(typingctx: Any, indices: Any, data: Any, begin: Any, end: Any, W: Any, step: Any) -> Any:  # noqa: ARG001
    """What `scatter` is made of."""
    signature = types.void(indices, data, types.int64, types.int64, W, step)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        index_of, value_of, weights, steps = _pointers(context, builder, signature, args)
        added = _load(builder, builder.bitcast(steps, _VECTOR.as_pointer()))
        with _entries(builder, args) as (k, _):
            value, row = _entry(builder, index_of, value_of, weights, k)
            _store(builder, builder.fadd(_load(builder, row), builder.fmul(value, added)), row)
        return context.get_dummy_value()

    return signature, generate


gather: Any = intrinsic(_gather)
"""`gather(indices, data, begin, end, W, total)`: total (16,) += sum over k from begin to end of
data[k] * W[indices[k]], W being (d, 16) float32."""

scatter: Any = intrinsic(_scatter)
"""`scatter(indices, data, begin, end, W, step)`: W[indices[k]] += data[k] * step (16,) for k from begin to end."""


def _pointers(context: Any, builder: Any, signature: Any, args: Any) -> list[Any]:
    """Where the data of the arguments that are arrays begins."""
    return [context.make_array(signature.args[n])(context, builder, args[n]).data for n in (0, 1, 4, 5)]


def _entries(builder: Any, args: Any) -> Any:
    return cgutils.for_range_slice(builder, args[2], args[3], ir.Constant(_INDEX, 1), _INDEX)


def _entry(builder: Any, index_of: Any, value_of: Any, weights: Any, k: Any) -> tuple[Any, Any]:
    """The value of entry k in all sixteen places of a vector, and where its row of weights is."""
    index = builder.load(builder.gep(index_of, [k]))
    if index.type != _INDEX:
        index = builder.sext(index, _INDEX)
    start = builder.mul(index, ir.Constant(_INDEX, WIDTH))
    row = builder.bitcast(builder.gep(weights, [start]), _VECTOR.as_pointer())
    nothing = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(nothing, builder.load(builder.gep(value_of, [k])), ir.Constant(ir.IntType(32), 0))
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(first, nothing, everywhere), row


def _load(builder: Any, place: Any) -> Any:
    value = builder.load(place)
    value.align = 4
    return value


def _store(builder: Any, value: Any, place: Any) -> None:
    builder.store(value, place).align = 4
