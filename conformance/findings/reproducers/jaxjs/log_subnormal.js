// log of the subnormal number 1e-39 is -Infinity; it is -89.8.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = np.log(np.array([1e-39, 1])).dataSync()[0];
  assert(Math.abs(y + 89.8) < 0.1, String(y)); });
