// TensorFlow.js on its pure JavaScript CPU backend, over the kit. Node finds @tensorflow/tfjs through NODE_PATH, which
// `conformance certify --engine tfjs` sets.
"use strict";
const { serve, Unsupported } = require("./engine.js");
const tf = require("@tensorflow/tfjs");

const only = (accepted, f) => (...args) => {
  const kw = args.pop();
  for (const [key, value] of Object.entries(kw)) {
    if (JSON.stringify(accepted[key]) !== JSON.stringify(value)) throw new Unsupported(`${key}=${JSON.stringify(value)}`);
  }
  return f(...args);
};
const axes = (x, dim) => (dim === undefined || dim === null || (Array.isArray(dim) && dim.length === 0) || x.rank === 0 ? undefined : dim);
const reduce = (f) => (x, { dim, keepdim }) => f(x, axes(x, dim), keepdim || false);
const NAMES = ["abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "cos", "cosh", "dot", "erf", "exp", "expm1",
  "floor", "log", "log1p", "maximum", "minimum", "neg", "pow", "reciprocal", "round", "rsqrt", "sigmoid", "sign", "sin", "sinh",
  "softplus", "sqrt", "square", "tan", "tanh"];
const operators = Object.fromEntries(NAMES.filter((n) => n !== "softplus" && tf[n]).map((n) => [n, (...args) => tf[n](...args.slice(0, -1))]));
Object.assign(operators, {
  add: (a, b, { alpha }) => tf.add(a, alpha === 1 ? b : tf.mul(b, alpha)),
  sub: (a, b, { alpha }) => tf.sub(a, alpha === 1 ? b : tf.mul(b, alpha)),
  mul: (a, b) => tf.mul(a, b),
  div: only({ rounding_mode: null }, (a, b) => tf.div(a, b)),
  clone: (x) => tf.clone(x),
  contiguous: (x) => x,
  where: (mask, a, b) => tf.where(mask, a, b),
  clamp: (x, { min, max }) => tf.clipByValue(x, min === null ? -Infinity : min, max === null ? Infinity : max),
  sum: reduce(tf.sum), mean: reduce(tf.mean), prod: reduce(tf.prod), amax: reduce(tf.max), amin: reduce(tf.min), logsumexp: reduce(tf.logSumExp),
  cumsum: (x, { dim }) => tf.cumsum(x, dim),
  cumprod: (x, { dim }) => tf.cumprod(x, dim),
  softmax: (x, { dim }) => tf.softmax(x, dim),
  log_softmax: (x, { dim }) => tf.logSoftmax(x, dim),
  matmul: (a, b) => (a.rank === 1 || b.rank === 1 ? tf.dot(a, b) : tf.matMul(a, b)),
  mm: (a, b) => tf.matMul(a, b), bmm: (a, b) => tf.matMul(a, b), mv: (a, b) => tf.dot(a, b), outer: (a, b) => tf.outerProduct(a, b),
  reshape: (x, { shape }) => tf.reshape(x, shape), view: (x, { size }) => tf.reshape(x, size), ravel: (x) => tf.reshape(x, [-1]),
  permute: (x, { dims }) => tf.transpose(x, dims), t: (x) => tf.transpose(x),
  expand: (x, { size }) => tf.broadcastTo(x, size.map((n, k) => (n === -1 ? x.shape[k - size.length + x.rank] : n))),
  broadcast_to: (x, { size }) => tf.broadcastTo(x, size),
  unsqueeze: (x, { dim }) => tf.expandDims(x, dim),
  cat: (xs, { dim }) => tf.concat(xs, dim), stack: (xs, { dim }) => tf.stack(xs, dim), unbind: (x, { dim }) => tf.unstack(x, dim),
  tile: (x, { dims }) => tf.tile(x, [...Array(Math.max(0, x.rank - dims.length)).fill(1), ...dims]),
  flip: (x, { dims }) => tf.reverse(x, dims),
  index_select: (x, { dim, index }) => tf.gather(x, index, dim),
  "nn.functional.embedding": (index, weight) => tf.gather(weight, index, 0),
  "nn.functional.relu": (x) => tf.relu(x), "nn.functional.relu6": (x) => tf.relu6(x), "nn.functional.selu": (x) => tf.selu(x),
  "nn.functional.elu": only({ alpha: 1 }, (x) => tf.elu(x)),
  "nn.functional.leaky_relu": (x, { negative_slope }) => tf.leakyRelu(x, negative_slope),
  "nn.functional.logsigmoid": (x) => tf.logSigmoid(x), "nn.functional.silu": (x) => tf.mul(x, tf.sigmoid(x)),
});

serve({
  name: "tfjs",
  version: tf.version.tfjs,
  features: ["float32", "detach", "grad", "backward-inputs"],
  operators,
  tidy: (f) => tf.tidy(f),
  leaf: ({ dtype, shape, data }) => {
    if (dtype === "float64") throw new Unsupported("float64");
    if (dtype === "int64") return tf.tensor(Int32Array.from(data, Number), shape, "int32");
    return tf.tensor(data, shape, dtype);
  },
  read: (x) => ({ dtype: x.dtype, shape: x.shape, data: x.dataSync() }),
  vjp: (f, inputs, cotangents) => {
    const root = (...xs) => {
      const outputs = f(...xs);
      if (outputs.length === 1) return outputs[0];
      return outputs.map((y, k) => tf.sum(tf.mul(y, cotangents[k]))).reduce((a, b) => tf.add(a, b)); // one root is all that it takes
    };
    const single = cotangents.length === 1 ? cotangents[0] : undefined;
    return tf.grads(root)(inputs, single);
  },
  stopGradient: (x) => tf.tensor(x.dataSync().slice(), x.shape, x.dtype),
});
