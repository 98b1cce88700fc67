// The JavaScript kit: makes an engine that transforms functions speak the suite's protocol, version 1. One file, no dependencies.
//
//   const { serve } = require("./engine.js");
//   serve({
//     name: "mygrad", version: "1.0", features: ["float32", "detach", "grad"],
//     operators: { sin: (x) => my.sin(x), sum: (x, { dim, keepdim }) => my.sum(x, dim, keepdim) },  // tensors first, keywords last
//     leaf: ({ dtype, shape, data }) => my.tensor(data, shape, dtype),       // data: a typed array
//     read: (tensor) => ({ dtype: "float32", shape: tensor.shape, data: tensor.dataSync() }),
//     vjp: (f, inputs, cotangents) => my.vjp(f, inputs, cotangents),         // f(...inputs) gives an array of outputs; null: no path
//     jvp: (f, inputs, tangents) => my.jvp(f, inputs, tangents),             // optional: [outputs, their tangents]
//     stopGradient: (tensor) => my.detach(tensor),                           // optional
//     tidy: (f) => my.freeAfterwards(f),                                     // optional: runs one case and gives what it gives
//   });
//
// Then: conformance certify --engine "stdio:node my_engine.js". What the engine prints to standard output goes to standard error.
// A program is replayed as a function of what it differentiates; .grad, flags and in-place operators are never emulated.
"use strict";

const ARRAYS = {
  float64: Float64Array, float32: Float32Array, int64: BigInt64Array, int32: Int32Array, int16: Int16Array, int8: Int8Array,
  uint8: Uint8Array, bool: Uint8Array,
};

class Unsupported extends Error {
  constructor(feature) {
    super(`needs ${feature}`);
    this.feature = feature;
  }
}

// --- numbers -----------------------------------------------------------------------------------------------------------------

function decodeArray({ dtype, shape, data }) {
  const Type = ARRAYS[dtype];
  if (!Type) throw new Unsupported(dtype);
  const bytes = Buffer.from(data, "base64");
  const copy = new ArrayBuffer(bytes.length); // aligned, which a Buffer's own memory need not be
  new Uint8Array(copy).set(bytes);
  return { dtype, shape, data: new Type(copy) };
}

function encodeArray({ dtype, shape, data }) {
  const typed = data instanceof ARRAYS[dtype] ? data : ARRAYS[dtype].from(data);
  return { array: { dtype, shape, data: Buffer.from(typed.buffer, typed.byteOffset, typed.byteLength).toString("base64") } };
}

function parseFloatLiteral(text) {
  const special = { inf: Infinity, "-inf": -Infinity, nan: NaN };
  if (text in special) return special[text];
  const [, sign, whole, fraction, exponent] = /^(-?)0x([0-9a-f]+)\.?([0-9a-f]*)p([+-]?\d+)$/.exec(text);
  let mantissa = parseInt(whole, 16);
  for (let k = 0; k < fraction.length; k++) mantissa += parseInt(fraction[k], 16) * 2 ** (-4 * (k + 1));
  const power = Number(exponent);
  const value = power < -1000 ? mantissa * 2 ** (power + 500) * 2 ** -500 : mantissa * 2 ** power;
  return sign ? -value : value;
}

function operand(value, names) {
  if (Array.isArray(value)) return value.map((v) => operand(v, names));
  if (value === null || typeof value !== "object") return value;
  if ("ref" in value) return names.get(value.ref);
  if ("float" in value) return parseFloatLiteral(value.float);
  if ("array" in value) return decodeArray(value.array);
  if ("slice" in value) return { slice: value.slice };
  if ("ellipsis" in value) return { ellipsis: true };
  throw new Unsupported(Object.keys(value)[0]);
}

// --- programs ----------------------------------------------------------------------------------------------------------------

const LACKING = { // the features of what no function-transforming engine has
  view: "views", inplace: "in-place", hook: "tensor-hooks", remove_hook: "tensor-hooks", post_hook: "post-accumulate-hooks", raises: "errors",
  warns: "warnings", custom: "custom-rules", set_grad: "set-grad", retain_grad: "retain-grad", zero_grad: "zero-grad",
  requires_grad: "flags", is_leaf: "flags", grad_fn: "flags", is_grad_enabled: "grad-mode", python: "item", same: "identity",
  shares_storage: "storage", version: "version-counter", stride: "strides", set_requires_grad: "set-requires-grad",
  requires_grad_: "set-requires-grad", inference_mode: "inference-mode", "autograd.detect_anomaly": "anomaly-mode",
};
const lacks = (name) => new Unsupported(LACKING[name] || name);
const names = (refs) => [refs].flat().map((r) => r.ref);

function references(value, found = []) {
  if (Array.isArray(value)) value.forEach((v) => references(v, found));
  else if (value && typeof value === "object") "ref" in value ? found.push(value.ref) : references(Object.values(value), found);
  return found;
}

function* walk(statements) {
  for (const s of statements) {
    yield s;
    yield* walk(s.body || []);
  }
}

class Replay {
  // A program as a family of functions: its statements up to one point, of the values of chosen names.
  constructor(engine, program) {
    this.engine = engine;
    this.statements = [...this.flatten(program, true)];
    this.arrays = new Map();
    for (const s of walk(program)) if (s.do === "leaf") this.arrays.set(s.out[0], operand(s.args[0]));
    this.leaves = new Map([...this.arrays].map(([name, array]) => [name, engine.leaf(array)]));
    this.ones = new Map();
  }

  require(feature) {
    if (!this.engine.features.includes(feature)) throw new Unsupported(feature);
  }

  *flatten(statements, tracked) {
    // In order, each with whether it is recorded: grad modes dissolve into that.
    for (const s of statements) {
      if (s.do !== "mode") {
        yield { s, tracked, reads: references([s.args || [], s.kw || {}, s.body || []]) };
        continue;
      }
      const on = { no_grad: false, enable_grad: true, set_grad_enabled: (s.args || [])[0] }[s.name];
      if (on === undefined) throw lacks(s.name);
      this.require("grad-mode");
      yield* this.flatten(s.body, on);
    }
  }

  needed(end, wanted, replaced) {
    // The places of the statements from which these names are computed: what they do not need would be computed once more.
    const [found, pending] = [[], new Set(wanted)];
    for (const name of replaced.keys()) pending.delete(name);
    let readsGrad = false;
    for (let k = end - 1; k >= 0; k--) {
      const { s, reads } = this.statements[k];
      if (s.do === "read" || !(s.do === "backward" ? readsGrad : (s.out || []).some((name) => pending.has(name)))) continue;
      found.unshift(k);
      reads.forEach((name) => replaced.has(name) || pending.add(name));
      readsGrad = readsGrad || s.do === "get_grad";
    }
    return found;
  }

  evaluate(end, replaced, wanted) {
    const values = new Map(replaced);
    const gradients = new Map();
    const places = wanted ? this.needed(end, wanted, replaced) : [...Array(end).keys()];
    for (const k of places) {
      const { s, tracked } = this.statements[k];
      if (s.do === "read" || (s.out && s.out.every((name) => replaced.has(name)))) continue;
      const results = this.step(k, s, values, replaced, gradients);
      (s.out || []).forEach((name, i) => {
        if (!replaced.has(name)) values.set(name, tracked ? results[i] : this.constant(results[i]));
      });
    }
    return values;
  }

  constant(value) {
    if (!this.engine.stopGradient) throw new Unsupported("detach");
    return this.engine.stopGradient(value);
  }

  step(k, s, values, replaced, gradients) {
    const args = operand(s.args || [], values);
    if (s.do === "leaf") return [this.leaves.get(s.out[0])];
    if (s.do === "op") return this.operator(s, args, values);
    if (s.do === "detach") return [this.constant(args[0])];
    if (s.do === "jvp" || s.do === "vjp") return this.transformed(s, args[0], args[1], values);
    if (s.do === "get_grad") return [gradients.get(s.args[0].ref) ?? null];
    const kw = s.kw || {};
    const roots = s.do === "grad" || s.do === "backward" ? names(s.args[0]) : [];
    if (roots.length > 1) this.require("several-roots");
    if (kw.create_graph) this.require("create-graph");
    if (s.do === "grad") return this.eachGradient(k, roots, names(s.args[1]), kw, values, replaced);
    if (s.do !== "backward") throw lacks(s.do);
    if (kw.create_graph || kw.retain_graph) throw new Unsupported("retain-graph");
    const reached = this.reached(k, roots);
    const wanted = kw.inputs ? names(kw.inputs).filter((name) => reached.includes(name)) : reached;
    if (wanted.some((name) => gradients.has(name))) throw new Unsupported("accumulation");
    this.gradients(k, roots, wanted, kw, values, replaced).forEach((g, i) => gradients.set(wanted[i], g));
    return [];
  }

  operator(s, args, values) {
    const found = this.engine.operators[s.name];
    if (!found) throw new Unsupported(`operator:${s.name}`);
    const kw = Object.fromEntries(Object.entries(s.kw || {}).map(([key, v]) => [key, operand(v, values)]));
    const result = found(...args, kw);
    return s.out.length > 1 ? result : [result];
  }

  transformed(s, primals, along, values) {
    // The outputs of the body, and its tangents or the cotangents of its inputs.
    const f = (...xs) => {
      const inner = new Map(values);
      s.body.filter((t) => t.do === "parameter").forEach((t, i) => inner.set(t.out[0], xs[i]));
      for (const t of s.body.filter((t) => t.do !== "parameter" && t.do !== "result")) {
        this.step(0, t, inner, new Map(), new Map()).forEach((v, i) => inner.set(t.out[i], v));
      }
      return operand(s.body.at(-1).args, inner);
    };
    if (s.do === "vjp") return [...f(...primals), ...this.engine.vjp(f, primals, along)];
    if (!this.engine.jvp) throw new Unsupported("forward-mode");
    return this.engine.jvp(f, primals, along).flat();
  }

  eachGradient(k, roots, inputs, ...rest) {
    // One by one where some are computed: a value in the place of a computed tensor cuts it from its ancestors.
    const distinct = new Set(inputs).size === inputs.length && inputs.every((name) => this.leaves.has(name));
    return distinct ? this.gradients(k, roots, inputs, ...rest) : inputs.map((name) => this.gradients(k, roots, [name], ...rest)[0]);
  }

  gradients(k, roots, inputs, kw, values, replaced) {
    if (kw.is_grads_batched) throw new Unsupported("batched-gradients");
    const f = (...xs) => {
      const inner = this.evaluate(k, new Map([...replaced, ...inputs.map((name, i) => [name, xs[i]])]), roots);
      return roots.map((name) => inner.get(name));
    };
    const given = [kw.grad_outputs ?? kw.grad_tensors ?? roots.map(() => null)].flat();
    const cotangents = roots.map((name, i) => (given[i] === null ? this.one(name, values.get(name)) : operand(given[i], values)));
    const found = this.engine.vjp(f, inputs.map((name) => values.get(name)), cotangents);
    return kw.materialize_grads ? [...found].map((g, i) => g ?? this.filled(this.arrays.get(inputs[i]), 0)) : [...found];
  }

  reached(k, roots) {
    // The leaves that require grad and from which a root was computed along differentiable statements.
    const reached = new Set(roots);
    for (const { s, tracked, reads } of this.statements.slice(0, k).reverse()) {
      if (tracked && s.do === "op" && s.out.some((name) => reached.has(name))) reads.forEach((name) => reached.add(name));
    }
    return this.statements.filter(({ s }) => s.do === "leaf" && s.kw.requires_grad && reached.has(s.out[0])).map(({ s }) => s.out[0]);
  }

  one(name, value) {
    // The implicit cotangent of a scalar, made when the value was first seen, outside every transformation.
    if (!this.ones.has(name)) {
      const array = this.engine.read(value);
      if (array.data.length !== 1) throw new Unsupported("errors");
      this.ones.set(name, this.filled(array, 1));
    }
    return this.ones.get(name);
  }

  filled(array, value) {
    if (!array) throw new Unsupported("materialized-gradients");
    return this.engine.leaf({ ...array, data: new ARRAYS[array.dtype](array.data.length).fill(value) });
  }

  observe() {
    const values = this.evaluate(this.statements.length, new Map());
    const reads = this.statements.map(({ s }) => s).filter((s) => s.do === "read");
    return Object.fromEntries(reads.map((s) => [s.out[0], this.observation(s.name, values.get(s.args?.[0]?.ref) ?? null)]));
  }

  observation(name, value) {
    if (name === "is_none") return { flag: value === null };
    if (!["value", "dtype", "shape"].includes(name)) throw lacks(name);
    if (value === null) return { none: true };
    const array = this.engine.read(value);
    return name === "value" ? encodeArray(array) : { flag: array[name] };
  }
}

// --- the conversation --------------------------------------------------------------------------------------------------------

function answer(engine, message) {
  const { seq, needs = [] } = message;
  const lacking = needs.find((feature) => !engine.features.includes(feature));
  if (lacking) return { seq, status: "unsupported", feature: lacking };
  if (message.do !== "run") return { seq, status: "unsupported", feature: "namespace" };
  try {
    const within = engine.tidy || ((f) => f());
    return { seq, status: "done", observations: within(() => new Replay(engine, message.program).observe()) };
  } catch (error) {
    if (error instanceof Unsupported) return { seq, status: "unsupported", feature: error.feature };
    const name = error && error.constructor ? error.constructor.name : "Error";
    return { seq, status: "error", error: { class: name, message: String((error && error.message) || error).slice(0, 2000) } };
  }
}

function serve(engine) {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr); // an engine's chatter is no answer
  console.log = console.info = console.error;
  const say = (message) => write(JSON.stringify(message) + "\n");
  const hello = { protocol: 1, engine: engine.name, version: engine.version, features: engine.features, operators: Object.keys(engine.operators) };
  const lines = require("readline").createInterface({ input: process.stdin, crlfDelay: Infinity });
  lines.on("line", (line) => {
    const message = JSON.parse(line);
    if (message.do === "hello") {
      if (message.device !== "cpu") say({ fatal: { stage: "device", message: `there is no ${message.device} here` } });
      else say({ hello: { ...hello, environment: { node: process.version } } });
    } else if (message.do === "stop") process.exit(0);
    else say(answer(engine, message));
  });
  lines.on("close", () => process.exit(0));
}

module.exports = { serve, Unsupported };
