// tanh near 0, and with it sinh, atanh, cosh' and tanhshrink, has no right digit: that of 2.5e-20 is 0.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = np.tanh(np.array([2.5e-20, 1])).dataSync()[0];
  assert(Math.abs(y / 2.5e-20 - 1) < 1e-3, String(y)); });
