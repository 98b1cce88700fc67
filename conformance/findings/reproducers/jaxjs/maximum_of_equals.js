// The tangent of maximum of two equal arguments is that of the second; PyTorch documents the mean of both.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, jvp, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const one = (v) => np.array([v, v]);
  const t = jvp((a, b) => np.maximum(a, b), [one(1), one(1)], [one(1), one(5)])[1].dataSync()[0];
  assert(t === 3, String(t)); });
