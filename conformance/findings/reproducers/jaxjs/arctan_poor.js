// arctan and arcsin of float32 have five right digits near 0: at 2.448437e-20 arctan is wrong by 1.4e-6 of itself.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = np.arctan(np.array([2.448437e-20, 1])).dataSync()[0];
  assert(Math.abs(y / 2.448437e-20 - 1) < 1e-6, String(y)); });
