// TensorFlow.js on its pure JavaScript CPU backend, over the kit. Node finds @tensorflow/tfjs through NODE_PATH, which
// `conformance certify --engine tfjs` sets.
"use strict";
const { serve, Unsupported } = require("./engine.js");
const tf = require("@tensorflow/tfjs");

serve({
  name: "tfjs",
  version: tf.version.tfjs,
  features: ["float32", "detach", "grad", "grad-mode", "create-graph", "several-roots", "backward-inputs", "func"],
  operators: Object.fromEntries(Object.entries(table()).map(([name, f]) => [name, translated(f)])),
  tidy: (f) => tf.tidy(f),
  leaf: ({ dtype, shape, data }) => {
    if (dtype === "int64") return tf.tensor(narrowed(data), shape, "int32"); // the only integers there
    if (!["float32", "int32", "bool"].includes(dtype)) throw new Unsupported(dtype);
    return tf.tensor(data, shape, dtype);
  },
  read: (x) => ({ dtype: x.dtype, shape: x.shape, data: x.dataSync() }),
  vjp: pullBack,
  stopGradient: tf.customGrad((x) => ({ value: tf.clone(x), gradFunc: (dy) => tf.zerosLike(dy) })), // there is no stopGradient
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
      throw /not (yet )?(supported|implemented)/.test(error.message) ? new Unsupported(error.message.slice(0, 80)) : error;
    }
  };
}

function pullBack(f, inputs, cotangents) {
  const root = (...xs) => {
    const outputs = f(...xs);
    if (outputs.length === 1) return xs.includes(outputs[0]) ? tf.clone(outputs[0]) : outputs[0]; // an input is no output to it
    return outputs.map((y, k) => tf.sum(tf.mul(y, cotangents[k]))).reduce((a, b) => tf.add(a, b)); // and it takes one root
  };
  try {
    return tf.grads(root)(inputs, cotangents.length === 1 ? cotangents[0] : undefined);
  } catch ({ message }) {
    const [lacking] = /gradient function not found for \w+|not (yet )?supported in gradients/.exec(message) || [];
    if (lacking) throw new Unsupported(lacking);
    if (!message.startsWith("Cannot compute gradient of y=f(x) with respect to x")) throw new Error(message);
    if (inputs.length === 1) return [null]; // its word for no path, said of all inputs where one has none
    const alone = (k) => (x) => f(...inputs.map((y, i) => (i === k ? x : y)));
    return inputs.map((x, k) => pullBack(alone(k), [x], cotangents)[0]);
  }
}

// --- the operators -----------------------------------------------------------------------------------------------------------

function table() {
  const only = (accepted, f) => (...args) => {
    for (const [key, value] of Object.entries(args.at(-1))) {
      const wanted = key in accepted ? accepted[key] : null;
      if (JSON.stringify(wanted) !== JSON.stringify(value)) throw new Unsupported(`${key}=${JSON.stringify(value)}`);
    }
    return f(...args);
  };
  const axes = (x, dim) => (dim === undefined || dim === null || (Array.isArray(dim) && dim.length === 0) || x.rank === 0 ? undefined : dim);
  const over = (f) => (x, { dim, keepdim }) => f(x, axes(x, dim), keepdim || false);
  const along = (f) => (x, { dim }) => (x.rank === 0 ? tf.reshape(f(tf.reshape(x, [1]), 0), []) : f(x, dim < 0 ? dim + x.rank : dim));
  const swap = (x, i, j) => {
    const order = [...x.shape.keys()];
    [order[i], order[j]] = [j, i].map((k) => order.at(k));
    return tf.transpose(x, order);
  };
  const at = (x, dim) => (dim < 0 ? dim + x.rank : dim);
  const slice = (x, dim, start, size) => tf.slice(x, x.shape.map((_, k) => (k === at(x, dim) ? start : 0)), x.shape.map((n, k) => (k === at(x, dim) ? size : n)));
  const times = (x, factor) => (factor === 1 ? x : tf.mul(x, factor));
  const sized = (x, size) => tf.broadcastTo(x, size.map((n, k) => (n === -1 ? x.shape[k - size.length + x.rank] : n)));
  const variance = (x, { dim, correction, keepdim }) => {
    const spread = tf.moments(x, axes(x, dim), keepdim).variance;
    const n = x.size / spread.size;
    return correction === 0 ? spread : tf.mul(spread, n / Math.max(0, n - correction));
  };
  const getitem = (x, { index }) => {
    // Slices of step 1 by slice, others by gather; an integer takes its dimension away, and None adds one.
    const parts = Array.isArray(index) ? index : [index];
    const given = parts.filter((p) => p !== null && !p.ellipsis).length;
    const full = parts.flatMap((p) => (p && p.ellipsis ? Array(x.rank - given).fill({ slice: [null, null, null] }) : [p]));
    while (full.filter((p) => p !== null).length < x.rank) full.push({ slice: [null, null, null] });
    const shape = [];
    let k = 0;
    for (const p of full) {
      if (p === null) { shape.push(1); continue; }
      if (typeof p !== "number" && !Array.isArray(p.slice)) throw new Unsupported("indices that are tensors");
      const n = x.shape[k];
      const wrap = (v, missing) => (v === null ? missing : Math.min(n, Math.max(0, v < 0 ? v + n : v)));
      const [from, to, step] = typeof p === "number" ? [wrap(p), wrap(p) + 1, 1] : [wrap(p.slice[0], 0), wrap(p.slice[1], n), p.slice[2] ?? 1];
      const places = [];
      for (let j = from; j < to; j += step) places.push(j);
      x = step === 1 ? slice(x, k, from, places.length) : tf.gather(x, tf.tensor1d(places, "int32"), k);
      if (typeof p !== "number") shape.push(places.length);
      k += 1;
    }
    return tf.reshape(x, shape);
  };
  const loss = (f) => (a, b, { reduction, weight = null }) => {
    if (weight !== null) throw new Unsupported("weight");
    return { none: (l) => l, sum: (l) => tf.sum(l), mean: (l) => tf.mean(l) }[reduction](f(a, b));
  };
  const split = (x, { split_size_or_sections: given, dim }) => {
    const total = x.shape[at(x, dim)];
    const sizes = Array.isArray(given) ? given : Array.from({ length: Math.ceil(total / given) }, (_, k) => Math.min(given, total - k * given));
    let start = 0;
    return sizes.map((n) => slice(x, dim, (start += n) - n, n));
  };
  const same = "abs acos acosh asin asinh atan atan2 atanh ceil cos cosh erf exp expm1 floor log log1p maximum minimum neg pow reciprocal " +
    "round rsqrt sigmoid sign sin sinh sqrt square tan tanh";
  return {
    ...Object.fromEntries(same.split(" ").map((name) => [name, only({ decimals: 0 }, (...args) => tf[name](...args.slice(0, -1)))])),
    add: (a, b, { alpha }) => tf.add(a, times(b, alpha)), sub: (a, b, { alpha }) => tf.sub(a, times(b, alpha)),
    mul: (a, b) => tf.mul(a, b),
    div: only({}, (a, b) => tf.div(a, b)), true_divide: (a, b) => tf.div(a, b),
    addcmul: (a, b, c, { value }) => tf.add(a, times(tf.mul(b, c), value)), addcdiv: (a, b, c, { value }) => tf.add(a, times(tf.div(b, c), value)),
    lerp: (a, b, weight) => tf.add(a, tf.mul(weight, tf.sub(b, a))),
    clone: (x) => tf.clone(x), contiguous: (x) => tf.clone(x),
    where: (mask, a, b) => tf.where(mask, a, b),
    masked_fill: (x, mask, { value }) => tf.where(mask, tf.fill(x.shape, value), x),
    clamp: (x, { min, max }) => {
      if ([min, max].some((v) => v !== null && typeof v !== "number")) throw new Unsupported("clamp between tensors");
      if (min !== null && max !== null && min > max) throw new Unsupported("min above max");
      return tf.clipByValue(x, min ?? -Infinity, max ?? Infinity);
    },
    sum: over(tf.sum), mean: over(tf.mean), prod: over(tf.prod), amax: over(tf.max), amin: over(tf.min), logsumexp: over(tf.logSumExp),
    var: variance, std: (x, kw) => tf.sqrt(variance(x, kw)),
    var_mean: (x, kw) => [variance(x, kw), tf.mean(x, axes(x, kw.dim), kw.keepdim)],
    std_mean: (x, kw) => [tf.sqrt(variance(x, kw)), tf.mean(x, axes(x, kw.dim), kw.keepdim)],
    norm: (x, { p, dim, keepdim }) => {
      if (p !== "fro" && p !== 1) throw new Unsupported(`p=${p}`);
      return tf.norm(x, p === 1 ? 1 : "euclidean", axes(x, dim), keepdim);
    },
    cumsum: along(tf.cumsum), cumprod: along(tf.cumprod),
    softmax: along(tf.softmax), log_softmax: along(tf.logSoftmax), "nn.functional.softmin": along((x, dim) => tf.softmax(tf.neg(x), dim)),
    matmul: (a, b) => (a.rank === 1 || b.rank === 1 ? tf.dot(a, b) : tf.matMul(a, b)),
    mm: (a, b) => tf.matMul(a, b), bmm: (a, b) => tf.matMul(a, b), mv: (a, b) => tf.dot(a, b), dot: (a, b) => tf.dot(a, b), outer: (a, b) => tf.outerProduct(a, b),
    addmm: (a, b, c, { beta, alpha }) => tf.add(times(a, beta), times(tf.matMul(b, c), alpha)),
    baddbmm: (a, b, c, { beta, alpha }) => tf.add(times(a, beta), times(tf.matMul(b, c), alpha)),
    addmv: (a, b, c, { beta, alpha }) => tf.add(times(a, beta), times(tf.dot(b, c), alpha)),
    addr: (a, b, c, { beta, alpha }) => tf.add(times(a, beta), times(tf.outerProduct(b, c), alpha)),
    einsum: (xs, { equation }) => tf.einsum(equation, ...xs),
    "nn.functional.linear": (x, w, ...rest) => {
      const y = x.rank === 1 ? tf.dot(w, x) : tf.matMul(x, w, false, true);
      return rest.length > 1 && rest[0] ? tf.add(y, rest[0]) : y;
    },
    reshape: (x, { shape }) => tf.reshape(x, shape), view: (x, { size }) => tf.reshape(x, size), ravel: (x) => tf.reshape(x, [-1]),
    flatten: (x, { start_dim, end_dim }) => {
      const [from, to] = x.rank === 0 ? [0, 0] : [at(x, start_dim), at(x, end_dim)];
      return tf.reshape(x, [...x.shape.slice(0, from), x.shape.slice(from, to + 1).reduce((a, b) => a * b, 1), ...x.shape.slice(to + 1)]);
    },
    permute: (x, { dims }) => tf.transpose(x, dims.map((d) => at(x, d))), t: (x) => tf.transpose(x), T: (x) => tf.transpose(x),
    transpose: (x, { dim0, dim1 }) => (x.rank === 0 ? tf.clone(x) : swap(x, at(x, dim0), at(x, dim1))), mT: (x) => swap(x, x.rank - 2, x.rank - 1),
    expand: (x, { size }) => sized(x, size), broadcast_to: (x, { size }) => sized(x, size),
    squeeze: (x, { dim }) => tf.reshape(x, x.shape.filter((n, k) => n !== 1 || ![dim].flat().some((d) => at(x, d) === k))),
    unsqueeze: (x, { dim }) => tf.expandDims(x, dim),
    cat: (xs, { dim }) => tf.concat(xs, dim), stack: (xs, { dim }) => tf.stack(xs, dim < 0 ? dim + xs[0].rank + 1 : dim),
    unbind: (x, { dim }) => tf.unstack(x, at(x, dim)), split, chunk: (x, { chunks, dim }) => split(x, { split_size_or_sections: Math.ceil(x.shape[at(x, dim)] / chunks), dim }),
    hstack: (xs) => tf.concat(xs.map((x) => (x.rank === 0 ? tf.reshape(x, [1]) : x)), xs[0].rank < 2 ? 0 : 1),
    vstack: (xs) => tf.concat(xs.map((x) => (x.rank < 2 ? tf.reshape(x, [1, -1]) : x)), 0),
    narrow: (x, { dim, start, length }) => slice(x, dim, start < 0 ? start + x.shape[at(x, dim)] : start, length),
    getitem,
    select: (x, { dim, index }) => tf.squeeze(slice(x, dim, index < 0 ? index + x.shape[at(x, dim)] : index, 1), [at(x, dim)]),
    tile: (x, { dims }) => tf.tile(tf.reshape(x, [...Array(Math.max(0, dims.length - x.rank)).fill(1), ...x.shape]), [...Array(Math.max(0, x.rank - dims.length)).fill(1), ...dims]),
    repeat: (x, { repeats }) => tf.tile(tf.reshape(x, [...Array(repeats.length - x.rank).fill(1), ...x.shape]), repeats),
    flip: (x, { dims }) => tf.reverse(x, dims.map((d) => at(x, d))),
    index_select: (x, { dim, index }) => tf.gather(x, index, at(x, dim)),
    diag: only({ diagonal: 0 }, (x) => { if (x.rank !== 1) throw new Unsupported("diag of a matrix"); return tf.diag(x); }),
    topk: only({ k: 1, dim: -1, largest: true, sorted: true }, (x) => { if (x.rank === 0) throw new Unsupported("0-d"); return Object.values(tf.topk(x, 1)); }),
    "nn.functional.embedding": only({ scale_grad_by_freq: false }, (index, weight) => tf.gather(weight, index, 0)),
    "nn.functional.relu": (x) => tf.relu(x), "nn.functional.relu6": (x) => tf.relu6(x), "nn.functional.selu": (x) => tf.selu(x),
    "nn.functional.elu": only({ alpha: 1 }, (x) => tf.elu(x)),
    "nn.functional.prelu": (x, a) => { if (x.rank < 2) throw new Unsupported("prelu without channels"); return tf.prelu(x, tf.reshape(a, [-1, ...Array(x.rank - 2).fill(1)])); },
    "nn.functional.leaky_relu": (x, { negative_slope }) => tf.leakyRelu(x, negative_slope),
    "nn.functional.logsigmoid": (x) => tf.logSigmoid(x), "nn.functional.silu": (x) => tf.mul(x, tf.sigmoid(x)),
    "nn.functional.softplus": only({ beta: 1, threshold: 20 }, (x) => tf.softplus(x)),
    "nn.functional.gelu": only({ approximate: "none" }, (x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2))))),
    "nn.functional.hardshrink": (x, { lambd }) => tf.where(tf.lessEqual(tf.abs(x), lambd), tf.zerosLike(x), x),
    "nn.functional.threshold": (x, { threshold, value }) => tf.where(tf.lessEqual(x, threshold), tf.fill(x.shape, value), x),
    deg2rad: (x) => tf.mul(x, Math.PI / 180), rad2deg: (x) => tf.mul(x, 180 / Math.PI),
    "nn.functional.mish": (x) => tf.mul(x, tf.tanh(tf.softplus(x))),
    "nn.functional.mse_loss": loss((a, b) => tf.squaredDifference(a, b)), "nn.functional.l1_loss": loss((a, b) => tf.abs(tf.sub(a, b))),
    "nn.functional.pad": (x, { pad, mode, value }) => {
      if (mode !== "constant" || pad.some((n) => n < 0)) throw new Unsupported(`mode=${mode}`);
      const pairs = x.shape.map((_, k) => { const j = 2 * (x.rank - 1 - k); return j < pad.length ? [pad[j], pad[j + 1]] : [0, 0]; });
      return tf.pad(x, pairs, value ?? 0);
    },
    "nn.functional.conv2d": (x, w, ...rest) => {
      const { stride, padding, dilation, groups } = rest.at(-1);
      if (groups !== 1 || typeof padding === "string" || x.rank !== 4) throw new Unsupported(`conv2d with groups=${groups}, padding=${padding}, rank ${x.rank}`);
      const padded = tf.pad(x, [[0, 0], [0, 0], [padding[0], padding[0]], [padding[1], padding[1]]]);
      const y = tf.transpose(tf.conv2d(tf.transpose(padded, [0, 2, 3, 1]), tf.transpose(w, [2, 3, 1, 0]), stride, "valid", "NHWC", dilation), [0, 3, 1, 2]);
      return rest.length > 1 && rest[0] ? tf.add(y, tf.reshape(rest[0], [-1, 1, 1])) : y;
    },
  };
}
