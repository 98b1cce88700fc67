// The JavaScript kit: makes an engine that transforms functions speak the suite's protocol, version 1. One file, no dependencies.
//
//   const { serve } = require("./engine.js");
//   serve({
//     name: "mygrad", version: "1.0", features: ["float32", "detach", "grad"],
//     operators: { sin: (x) => my.sin(x), sum: (x, { dim, keepdim }) => my.sum(x, dim, keepdim) },  // tensors first, keywords last
//     leaf: ({ dtype, shape, data }) => my.tensor(data, shape, dtype),       // data: a typed array
//     read: (tensor) => ({ dtype: "float32", shape: tensor.shape, data: tensor.dataSync() }),
//     vjp: (f, inputs, cotangents) => my.vjp(f, inputs, cotangents),         // f(...inputs) gives an array of outputs; null: no path
//     stopGradient: (tensor) => my.detach(tensor),                           // optional
//   });
//
// Then: conformance certify --engine "stdio:node my_engine.js". What the engine prints to standard output goes to standard error.
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

const KNOWN = new Set(["leaf", "op", "detach", "grad", "backward", "get_grad", "read"]);

class Replay {
  // A program as a family of functions: its statements up to one point, of the values of chosen names.
  constructor(engine, program) {
    this.engine = engine;
    this.program = program;
    const lacking = program.find((s) => !KNOWN.has(s.do));
    if (lacking) throw new Unsupported(lacking.do);
    this.leaves = new Map();
    for (const s of program) if (s.do === "leaf") this.leaves.set(s.out[0], this.leaf(operand(s.args[0], new Map())));
  }

  leaf(array) {
    return this.engine.leaf(array);
  }

  evaluate(end, replaced) {
    const values = new Map(replaced);
    const gradients = new Map();
    for (let k = 0; k < end; k++) {
      const s = this.program[k];
      if (s.do === "read" || (s.out && s.out.every((name) => replaced.has(name)))) continue;
      const results = this.step(k, s, values, replaced, gradients);
      (s.out || []).forEach((name, i) => replaced.has(name) || values.set(name, results[i]));
    }
    return values;
  }

  step(k, s, values, replaced, gradients) {
    const args = (s.args || []).map((a) => operand(a, values));
    if (s.do === "leaf") return [this.leaves.get(s.out[0])];
    if (s.do === "detach") {
      if (!this.engine.stopGradient) throw new Unsupported("detach");
      return [this.engine.stopGradient(args[0])];
    }
    if (s.do === "op") return this.operator(s, args, values);
    if (s.do === "get_grad") return [gradients.has(s.args[0].ref) ? gradients.get(s.args[0].ref) : null];
    const kw = s.kw || {};
    const roots = [s.args[0]].flat().map((r) => r.ref);
    if (s.do === "grad") {
      if (Object.keys(kw).some((key) => key !== "grad_outputs" && key !== "allow_unused")) throw new Unsupported("create-graph");
      return this.gradients(k, roots, [s.args[1]].flat().map((r) => r.ref), kw.grad_outputs, values, replaced);
    }
    if (Object.keys(kw).some((key) => key !== "grad_tensors")) throw new Unsupported("retain-graph");
    const wanted = this.program.filter((t) => t.do === "leaf" && t.kw.requires_grad).map((t) => t.out[0]);
    if (gradients.size) throw new Unsupported("accumulation");
    this.gradients(k, roots, wanted, kw.grad_tensors, values, replaced).forEach((g, i) => gradients.set(wanted[i], g));
    return [];
  }

  operator(s, args, values) {
    const found = this.engine.operators[s.name];
    if (!found) throw new Unsupported(`operator:${s.name}`);
    const kw = Object.fromEntries(Object.entries(s.kw || {}).map(([key, v]) => [key, operand(v, values)]));
    const result = found(...args, kw);
    return s.out.length > 1 ? result : [result];
  }

  gradients(k, roots, inputs, given, values, replaced) {
    const f = (...xs) => {
      const inner = this.evaluate(k, new Map([...replaced, ...inputs.map((name, i) => [name, xs[i]])]));
      return roots.map((name) => inner.get(name));
    };
    const cotangents = roots.map((name, i) => {
      const c = given === undefined || given === null ? null : operand([given].flat()[i], values);
      return c === null ? this.one(values.get(name)) : c;
    });
    return this.engine.vjp(f, inputs.map((name) => values.get(name)), cotangents);
  }

  one(value) {
    const { dtype, shape, data } = this.engine.read(value);
    if (data.length !== 1) throw new Unsupported("errors");
    return this.leaf({ dtype, shape, data: ARRAYS[dtype].of(1) });
  }

  observe() {
    const values = this.evaluate(this.program.length, new Map());
    const observations = {};
    for (const s of this.program.filter((t) => t.do === "read")) {
      const value = values.get(s.args[0].ref);
      if (s.name === "is_none") observations[s.out[0]] = { flag: value === null };
      else if (s.name !== "value") throw new Unsupported("flags");
      else observations[s.out[0]] = value === null || value === undefined ? { none: true } : encodeArray(this.engine.read(value));
    }
    return observations;
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
    return { seq, status: "error", error: { class: name, message: String((error && error.message) || error).slice(0, 2000) }, statement: 0 };
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
      else say({ hello });
    } else if (message.do === "stop") process.exit(0);
    else say(answer(engine, message));
  });
  lines.on("close", () => process.exit(0));
}

module.exports = { serve, Unsupported };
