// arctan2 of two equal numbers of 1e25 is 0, and its gradient NaN, since squares overflow; it is pi / 4.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const x = () => np.array([1e25, 1]);
  const y = np.arctan2(x(), x()).dataSync()[0];
  assert(Math.abs(y - Math.PI / 4) < 1e-6, String(y)); });
