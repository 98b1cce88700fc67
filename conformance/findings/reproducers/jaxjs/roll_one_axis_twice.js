// roll with one axis named twice raises; NumPy rolls by the sum.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  let y;
  try {
    y = np.roll(np.array([1, 2, 3]), [1, 1], [0, 0]).dataSync()[0];
  } catch (error) {
    y = error;
  }
  assert(y === 2, String(y)); });
