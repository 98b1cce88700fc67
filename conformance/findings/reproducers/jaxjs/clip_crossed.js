// clip(0, 2, 1), with its bounds crossed, is 2; NumPy and PyTorch document the upper bound, 1.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = np.clip(np.array([0, 1]), 2, 1).dataSync()[0];
  assert(y === 1, String(y)); });
