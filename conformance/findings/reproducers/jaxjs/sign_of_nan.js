// sign of NaN is NaN, by NumPy; PyTorch documents 0.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = np.sign(np.array([NaN, 1])).dataSync()[0];
  assert(y === 0, String(y)); });
