// arcsinh has six right digits: at 0.5 it is wrong by 4.9e-7, and at 1e20 it is infinite; it is 0.481211825.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = np.arcsinh(np.array([0.5, 1])).dataSync()[0];
  assert(Math.abs(y / Math.asinh(0.5) - 1) < 4e-7, String(y)); });
