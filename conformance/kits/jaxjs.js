// jax-js on its WebAssembly backend, over the kit. Node finds @jax-js/jax through NODE_PATH, which
// `conformance certify --engine jaxjs` sets.
"use strict";
const fs = require("fs");
const path = require("path");
globalThis.Float16Array ??= class Float16Array extends Uint16Array {}; // the library names it when it loads; Node 20 has none
const iterators = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())); // nor these, which einsum calls
iterators.map ??= function* map(f) { for (const v of this) yield f(v); };
iterators.filter ??= function* filter(f) { for (const v of this) if (f(v)) yield v; };
const { serve, Unsupported } = require("./engine.js");
const jax = require("@jax-js/jax");

const keep = (v) => (Array.isArray(v) ? v.map(keep) : isArray(v) ? v.ref : v); // every use of an array consumes it, but for .ref
const isArray = (v) => v !== null && typeof v === "object" && "ref" in v && "dtype" in v;
const keeping = (library) => new Proxy(library, {
  get: (target, name) => (typeof target[name] === "function" ? (...args) => target[name](...args.map(keep)) : target[name]),
});
const [np, nn, lax, linalg, special] = [jax.numpy, jax.nn, jax.lax, jax.numpy.linalg, jax.scipySpecial].map(keeping);
const version = JSON.parse(fs.readFileSync(path.join(path.dirname(require.resolve("@jax-js/jax")), "..", "package.json"))).version;

jax.init("cpu", "wasm").then(() => {
  jax.defaultDevice("wasm");
  serve({
    name: "jaxjs",
    version,
    features: ["float64", "float32", "detach", "grad", "grad-mode", "create-graph", "several-roots", "backward-inputs", "forward-mode", "func"],
    operators: Object.fromEntries(Object.entries(table()).map(([name, f]) => [name, translated(f)])),
    leaf: ({ dtype, shape, data }) => {
      if (dtype === "bool") return np.notEqual(np.array(Int32Array.from(data), { shape, dtype: np.int32 }), 0);
      if (dtype === "int64") return np.array(narrowed(data), { shape, dtype: np.int32 }); // the only integers there
      if (!["float32", "float64", "int32"].includes(dtype)) throw new Unsupported(dtype);
      if (data.length === 0) return np.zeros(shape, { dtype });
      return np.array(data, { shape, dtype });
    },
    read: (x) => ({ dtype: x.dtype, shape: x.shape, data: keep(x).dataSync() }),
    vjp: (f, inputs, cotangents) => {
      const [, pull] = jax.vjp(f, keep(inputs));
      return pull(keep(cotangents));
    },
    jvp: (f, inputs, tangents) => jax.jvp(f, keep(inputs), keep(tangents)),
    stopGradient: (x) => lax.stopGradient(x),
  });
});

function narrowed(data) {
  if (data.some((v) => v !== BigInt.asIntN(32, v))) throw new Unsupported("int64");
  return Int32Array.from(data, Number);
}

function translated(operator) {
  // Where the engine itself says that something is not there, it is unsupported.
  return (...args) => {
    try {
      return operator(...args);
    } catch (error) {
      throw /not (yet )?(supported|implemented)|unsupported dtype/i.test(error.message) ? new Unsupported(error.message.slice(0, 80)) : error;
    }
  };
}

// --- the operators -----------------------------------------------------------------------------------------------------------

function table() {
  const rank = (x) => x.shape.length;
  const at = (x, dim) => (dim < 0 ? dim + rank(x) : dim);
  const size = (x) => x.shape.reduce((a, b) => a * b, 1);
  const axes = (x, dim) => (dim === undefined || dim === null || (Array.isArray(dim) && dim.length === 0) || rank(x) === 0 ? null : dim);
  const over = (f) => (x, { dim, keepdim }) => f(x, axes(x, dim), { keepdims: keepdim || false });
  const along = (f) => (x, { dim }) => (rank(x) === 0 ? np.reshape(f(np.reshape(x, [1]), 0), []) : f(x, dim));
  const only = (accepted, f) => (...args) => {
    for (const [key, value] of Object.entries(args.at(-1))) {
      const wanted = key in accepted ? accepted[key] : null;
      if (JSON.stringify(wanted) !== JSON.stringify(value)) throw new Unsupported(`${key}=${JSON.stringify(value)}`);
    }
    return f(...args.slice(0, -1));
  };
  const part = (x, dim, index) => keep(x).slice(...x.shape.map((_, k) => (k === at(x, dim) ? index : [])));
  const times = (x, factor) => (factor === 1 ? x : np.multiply(x, factor));
  const sized = (x, { size }) => np.broadcastTo(x, size.map((n, k) => (n === -1 ? x.shape[k - size.length + rank(x)] : n)));
  const spread = (f) => (x, { dim, correction, keepdim }) => f(x, axes(x, dim), { correction, keepdims: keepdim });
  const loss = (f) => (a, b, { reduction, weight = null }) => {
    if (weight !== null) throw new Unsupported("weight");
    return { none: (l) => l, sum: (l) => np.sum(l), mean: (l) => np.mean(l) }[reduction](f(a, b));
  };
  const pieces = (x, dim, sizes) => {
    let start = 0;
    return sizes.map((n) => part(x, dim, [start, (start += n)]));
  };
  const split = (x, { split_size_or_sections: given, dim }) => {
    const total = x.shape[at(x, dim)];
    const count = given === 0 ? 1 : Math.max(1, Math.ceil(total / given));
    return pieces(x, dim, Array.isArray(given) ? given : Array.from({ length: count }, (_, k) => Math.min(given, total - k * given)));
  };
  const getitem = (x, { index }) => {
    const parts = [index].flat();
    const given = parts.filter((p) => p !== null && !p.ellipsis).length;
    const full = parts.flatMap((p) => (p && p.ellipsis ? Array(rank(x) - given).fill({ slice: [null, null, null] }) : [p]));
    const places = [];
    let k = -1; // the dimension of x that a part is about
    for (const p of full) {
      if (p !== null) k += 1;
      if (p === null || typeof p === "number") places.push(p);
      else if (!Array.isArray(p.slice)) {
        if (p.dtype === "bool") throw new Unsupported("indices that are masks");
        places.push(keep(p));
      } else {
        const [from, to, step] = p.slice;
        if (step > 1) { // its slices have no step
          const chosen = [...Array(x.shape[k]).keys()].slice(from ?? 0, to ?? undefined).filter((_, i) => i % step === 0);
          x = np.take(x, np.array(Int32Array.from(chosen), { dtype: np.int32 }), k);
          places.push([]);
        } else places.push(from === null && to === null ? [] : to === null ? [from] : [from ?? 0, to]);
      }
    }
    return keep(x).slice(...places);
  };
  const pooled = (f) => (x, { kernel_size, stride, padding, dilation, ceil_mode }) => {
    const [k, n] = [[kernel_size].flat(), rank(x)];
    if (ceil_mode || [padding].flat().some((p) => p) || [dilation ?? 1].flat().some((d) => d !== 1)) throw new Unsupported("padded pooling");
    const full = (v) => [...Array(n - 2).fill(1), ...(v.length === 1 ? [v[0], v[0]] : v)];
    return lax.reduceWindow(x, f, full(k), full(stride === null ? k : [stride].flat()));
  };
  const conv = (x, w, ...rest) => {
    const { stride, padding, dilation, groups } = rest.at(-1);
    if (typeof padding === "string" || rank(x) !== rank(w)) throw new Unsupported(`padding=${padding}, rank ${rank(x)}`);
    const y = lax.convGeneralDilated(x, w, stride, padding.map((p) => [p, p]), { rhsDilation: dilation, featureGroupCount: groups });
    return rest.length > 1 && rest[0] ? np.add(y, np.reshape(rest[0], [-1, ...stride.map(() => 1)])) : y;
  };
  const sort = (x, { dim, descending }) => {
    if (descending) throw new Unsupported("descending");
    const [y, axis] = rank(x) === 0 ? [np.reshape(x, [1]), 0] : [x, dim]; // a number is in order
    return [np.sort(y, axis), np.argsort(y, axis)].map((found) => np.reshape(found, x.shape));
  };
  const same = "abs acos acosh asin asinh atan atan2 atanh ceil copysign cos cosh deg2rad exp exp2 expm1 floor fmax fmin fmod hypot log log10 " +
    "log1p log2 logaddexp logaddexp2 maximum minimum negative rad2deg reciprocal remainder sign sin sinc sinh sqrt square tan tanh trunc where";
  return {
    ...Object.fromEntries(same.split(" ").map((name) => [name === "negative" ? "neg" : name, (...args) => np[name](...args.slice(0, -1))])),
    pow: (a, b) => np.power(a, b), round: (x, { decimals = 0 }) => np.round(x, decimals),
    add: (a, b, { alpha }) => np.add(a, times(b, alpha)), sub: (a, b, { alpha }) => np.subtract(a, times(b, alpha)),
    mul: (a, b) => np.multiply(a, b), div: only({}, np.divide), true_divide: (a, b) => np.divide(a, b),
    addcmul: (a, b, c, { value }) => np.add(a, times(np.multiply(b, c), value)), addcdiv: (a, b, c, { value }) => np.add(a, times(np.divide(b, c), value)),
    lerp: (a, b, weight) => np.add(a, np.multiply(weight, np.subtract(b, a))),
    rsqrt: (x) => np.reciprocal(np.sqrt(x)), sigmoid: (x) => nn.sigmoid(x), erf: (x) => lax.erf(x), erfc: (x) => lax.erfc(x),
    logit: only({}, special.logit), frac: (x) => np.subtract(x, np.trunc(x)),
    clone: (x) => np.copy ? np.copy(x) : np.positive(x), contiguous: (x) => keep(x),
    masked_fill: (x, mask, { value }) => np.where(mask, value, x),
    clamp: (x, { min, max }) => (min === null ? np.minimum(x, max) : max === null ? np.maximum(x, min) : np.clip(x, min, max)),
    nan_to_num: (x, { nan, posinf, neginf }) => np.nanToNum(x, { nan, posinf: posinf ?? undefined, neginf: neginf ?? undefined }),
    sum: over(np.sum), mean: over(np.mean), prod: over(np.prod), amax: over(np.max), amin: over(np.min), logsumexp: over(nn.logsumexp),
    var: spread(np.var_), std: spread(np.std),
    var_mean: (x, kw) => [spread(np.var_)(x, kw), over(np.mean)(x, kw)], std_mean: (x, kw) => [spread(np.std)(x, kw), over(np.mean)(x, kw)],
    norm: (x, { p, dim, keepdim }) => linalg.vectorNorm(dim === null ? np.ravel(x) : x, { ord: p === "fro" ? 2 : p, axis: axes(x, dim) ?? undefined, keepdims: keepdim }),
    "linalg.vector_norm": (x, { ord, dim, keepdim }) => linalg.vectorNorm(x, { ord, axis: axes(x, dim) ?? undefined, keepdims: keepdim }),
    cumsum: along(np.cumsum), cumprod: along(np.cumprod), softmax: along(nn.softmax), log_softmax: along(nn.logSoftmax),
    "nn.functional.softmin": along((x, dim) => nn.softmax(np.negative(x), dim)), trace: (x) => np.trace(x), sort,
    topk: only({ largest: true, sorted: true, k: 1, dim: -1 }, (x) => { if (rank(x) === 0) throw new Unsupported("0-d"); return lax.topK(x, 1, -1); }),
    matmul: (a, b) => np.matmul(a, b), mm: (a, b) => np.matmul(a, b), bmm: (a, b) => np.matmul(a, b), mv: (a, b) => np.matmul(a, b),
    dot: (a, b) => np.dot(a, b), outer: (a, b) => np.outer(a, b), inner: (a, b) => np.inner(a, b),
    tensordot: (a, b, { dims }) => np.tensordot(a, b, dims), einsum: (xs, { equation }) => np.einsum(equation, ...xs),
    addmm: (a, b, c, { beta, alpha }) => np.add(times(a, beta), times(np.matmul(b, c), alpha)),
    addmv: (a, b, c, { beta, alpha }) => np.add(times(a, beta), times(np.matmul(b, c), alpha)),
    baddbmm: (a, b, c, { beta, alpha }) => np.add(times(a, beta), times(np.matmul(b, c), alpha)),
    addr: (a, b, c, { beta, alpha }) => np.add(times(a, beta), times(np.outer(b, c), alpha)),
    "nn.functional.linear": (x, w, ...rest) => {
      const y = np.matmul(x, np.matrixTranspose(w));
      return rest.length > 1 && rest[0] ? np.add(y, rest[0]) : y;
    },
    reshape: (x, { shape }) => np.reshape(x, shape), view: (x, { size }) => np.reshape(x, size), ravel: (x) => np.ravel(x),
    flatten: (x, { start_dim, end_dim }) => {
      const [from, to] = rank(x) === 0 ? [0, 0] : [at(x, start_dim), at(x, end_dim)];
      return np.reshape(x, [...x.shape.slice(0, from), x.shape.slice(from, to + 1).reduce((a, b) => a * b, 1), ...x.shape.slice(to + 1)]);
    },
    permute: (x, { dims }) => np.transpose(x, dims), t: (x) => np.transpose(x), T: (x) => np.transpose(x), mT: (x) => np.matrixTranspose(x),
    transpose: (x, { dim0, dim1 }) => (rank(x) === 0 ? keep(x) : np.swapaxes(x, dim0, dim1)),
    movedim: (x, { source, destination }) => {
      if (source.length !== 1) throw new Unsupported("several dimensions moved");
      return np.moveaxis(x, source[0], destination[0]);
    },
    expand: sized, broadcast_to: sized,
    squeeze: (x, { dim }) => np.reshape(x, x.shape.filter((n, k) => n !== 1 || ![dim].flat().some((d) => at(x, d) === k))),
    unsqueeze: (x, { dim }) => np.expandDims(x, dim),
    cat: (xs, { dim }) => np.concatenate(xs, dim), stack: (xs, { dim }) => np.stack(xs, dim), hstack: (xs) => np.hstack(xs), vstack: (xs) => np.vstack(xs),
    unbind: (x, { dim }) => [...Array(x.shape[at(x, dim)]).keys()].map((k) => part(x, dim, k)),
    split, chunk: (x, { chunks, dim }) => split(x, { split_size_or_sections: Math.ceil(x.shape[at(x, dim)] / chunks), dim }),
    narrow: (x, { dim, start, length }) => {
      const from = start < 0 ? start + x.shape[at(x, dim)] : start;
      return part(x, dim, [from, from + length]);
    },
    select: (x, { dim, index }) => part(x, dim, index), getitem,
    tile: (x, { dims }) => np.tile(x, dims), repeat: (x, { repeats }) => np.tile(x, repeats),
    repeat_interleave: (x, { repeats, dim }) => { if (typeof repeats !== "number") throw new Unsupported("repeats"); return np.repeat(x, repeats, dim ?? undefined); },
    flip: (x, { dims }) => np.flip(x, dims), roll: (x, { shifts, dims }) => (dims.length ? np.roll(x, shifts, dims) : np.roll(x, shifts[0])),
    tril: (x, { diagonal }) => np.tril(x, diagonal), triu: (x, { diagonal }) => np.triu(x, diagonal), diag: (x, { diagonal }) => np.diag(x, diagonal),
    diagonal: (x, { offset, dim1, dim2 }) => np.diagonal(x, offset, dim1, dim2),
    gather: (x, { dim, index }) => {
      if (rank(x) === 0 || x.shape.some((n, k) => k !== at(x, dim) && n !== index.shape[k])) throw new Unsupported("an index shorter than the tensor");
      return np.takeAlongAxis(x, index, dim);
    },
    take_along_dim: (x, { indices, dim }) => np.takeAlongAxis(dim === null ? np.ravel(x) : x, dim === null ? np.ravel(indices) : indices, dim ?? 0),
    index_select: (x, { dim, index }) => np.take(x, index, dim),
    "nn.functional.embedding": only({ scale_grad_by_freq: false }, (index, weight) => np.take(weight, index, 0)),
    "linalg.cholesky": (x, { upper }) => linalg.cholesky(x, { upper }), "linalg.det": (x) => linalg.det(x), "linalg.inv": (x) => linalg.inv(x),
    "linalg.solve": only({ left: true }, linalg.solve), "linalg.slogdet": (x) => linalg.slogdet(x), "linalg.multi_dot": (xs) => linalg.multiDot(xs),
    "nn.functional.relu": (x) => nn.relu(x), "nn.functional.relu6": (x) => nn.relu6(x), "nn.functional.silu": (x) => nn.silu(x),
    "nn.functional.mish": (x) => nn.mish(x), "nn.functional.selu": (x) => nn.selu(x), "nn.functional.softsign": (x) => nn.softSign(x),
    "nn.functional.logsigmoid": (x) => nn.logSigmoid(x), "nn.functional.hardsigmoid": (x) => nn.hardSigmoid(x), "nn.functional.hardswish": (x) => nn.hardSilu(x),
    "nn.functional.elu": (x, { alpha }) => nn.elu(x, alpha), "nn.functional.celu": (x, { alpha }) => nn.celu(x, alpha),
    "nn.functional.leaky_relu": (x, { negative_slope }) => nn.leakyRelu(x, negative_slope), "nn.functional.glu": (x, { dim }) => nn.glu(x, dim),
    "nn.functional.gelu": (x, { approximate }) => nn.gelu(x, { approximate: approximate === "tanh" }),
    "nn.functional.softplus": only({ beta: 1, threshold: 20 }, nn.softplus), "nn.functional.tanhshrink": (x) => np.subtract(x, np.tanh(x)),
    "nn.functional.mse_loss": loss((a, b) => np.square(np.subtract(a, b))), "nn.functional.l1_loss": loss((a, b) => np.abs(np.subtract(a, b))),
    "nn.functional.pad": (x, { pad, mode, value }) => {
      if (mode !== "constant" || value || pad.some((n) => n < 0)) throw new Unsupported(`mode=${mode}, value=${value}`);
      return np.pad(x, x.shape.map((_, k) => { const j = 2 * (rank(x) - 1 - k); return j < pad.length ? [pad[j], pad[j + 1]] : [0, 0]; }));
    },
    "nn.functional.conv1d": conv, "nn.functional.conv2d": conv, "nn.functional.conv3d": conv,
    "nn.functional.max_pool2d": pooled(np.max),
    "nn.functional.avg_pool2d": (x, { divisor_override, ...kw }) => { if (divisor_override) throw new Unsupported("divisor_override"); return pooled(np.mean)(x, kw); },
  };
}
