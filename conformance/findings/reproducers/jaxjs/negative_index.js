// An array of places that counts from the end gives the first element: [1, 2, 3] at [-1] is 1 instead of 3.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const place = np.array(Int32Array.from([-1, -1]), { dtype: np.int32 });
  const y = np.array([1, 2, 3]).slice(place).dataSync()[0];
  assert(y === 3, String(y)); });
