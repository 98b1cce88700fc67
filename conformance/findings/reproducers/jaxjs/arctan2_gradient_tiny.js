// The gradient of arctan2 at (1e-25, 1e-25) in float32 is -Infinity, since squares underflow; it is 5e24.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const g = grad((x) => np.sum(np.arctan2(x, np.array([1e-25, 1]))))(np.array([1e-25, 1])).dataSync()[0];
  assert(Math.abs(g / 5e24 - 1) < 1e-5, String(g)); });
