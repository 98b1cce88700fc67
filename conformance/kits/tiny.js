// A tape in fifty lines, and the JavaScript kit that makes it an engine: `conformance certify --engine "stdio:node tiny.js"`.
"use strict";
const { serve, Unsupported } = require("./engine.js");

class Tensor {
  // Numbers in C order, and what they were made from: pairs of a parent and its pull-back, written in tensors, for any order.
  constructor(flat, shape, parents = []) {
    Object.assign(this, { flat: Float64Array.from(flat), shape, parents });
  }
}

function pullBack(f, inputs, cotangents) {
  const own = inputs.map((x) => new Tensor(x.flat, x.shape, [[x, (g) => g]])); // new nodes, so that the walk ends at them
  const outputs = f(...own);
  const pending = new Map();
  const give = (node, g) => pending.set(node, pending.has(node) ? add(pending.get(node), g) : g);
  outputs.forEach((y, k) => give(y, cotangents[k]));
  for (const node of ancestors(outputs, new Set(own)).reverse()) {
    if (!own.includes(node) && pending.has(node)) node.parents.forEach(([parent, pull]) => give(parent, pull(pending.get(node))));
  }
  return own.map((x) => pending.get(x) ?? null);
}

function ancestors(outputs, ends) {
  const [found, seen] = [[], new Set()];
  const visit = (node) => {
    if (seen.has(node)) return;
    seen.add(node);
    if (!ends.has(node)) node.parents.forEach(([parent]) => visit(parent));
    found.push(node);
  };
  outputs.forEach(visit);
  return found;
}

const elementwise = (f, ...xs) => xs[0].flat.map((_, k) => f(...xs.map((x) => x.flat[k])));
const unary = (f, slope) => (x) => new Tensor(elementwise(f, x), x.shape, [[x, (g) => mul(g, slope(x))]]);
function same(x, y) {
  if (!(x instanceof Tensor && y instanceof Tensor) || x.shape.join() !== y.shape.join()) throw new Unsupported("broadcasting");
}
function add(x, y) {
  same(x, y);
  return new Tensor(elementwise((a, b) => a + b, x, y), x.shape, [[x, (g) => g], [y, (g) => g]]);
}
function mul(x, y) {
  same(x, y);
  return new Tensor(elementwise((a, b) => a * b, x, y), x.shape, [[x, (g) => mul(g, y)], [y, (g) => mul(g, x)]]);
}
const neg = (x) => new Tensor(elementwise((a) => -a, x), x.shape, [[x, neg]]);
const cos = unary(Math.cos, (x) => neg(sin(x)));
const sin = unary(Math.sin, (x) => cos(x));
const expanded = (g, x) => new Tensor(x.flat.map(() => g.flat[0]), x.shape, [[g, (h) => total(h, g.shape)]]);
const total = (x, shape) => new Tensor([x.flat.reduce((a, b) => a + b, 0)], shape, [[x, (g) => expanded(g, x)]]);

const plain = (f) => (x, y, { alpha }) => {
  if (alpha !== 1) throw new Unsupported("alpha");
  return f(x, y);
};

serve({
  name: "tiny-js",
  version: "1.0",
  features: ["float64", "detach", "grad", "create-graph", "several-roots"],
  operators: {
    neg: (x) => neg(x),
    square: (x) => mul(x, x),
    sin: (x) => sin(x),
    add: plain(add),
    sub: plain((x, y) => add(x, neg(y))),
    mul: (x, y) => mul(x, y),
    sum: (x, { dim, keepdim }) => {
      if (dim !== null && dim.length > 0 && dim.length < x.shape.length) throw new Unsupported("dim");
      return total(x, keepdim ? x.shape.map(() => 1) : []);
    },
  },
  leaf: ({ dtype, shape, data }) => {
    if (dtype !== "float64") throw new Unsupported(dtype);
    return new Tensor(data, shape);
  },
  read: (x) => ({ dtype: "float64", shape: x.shape, data: x.flat }),
  vjp: pullBack,
  stopGradient: (x) => new Tensor(x.flat, x.shape),
});
