// inner of a number without dimensions and a vector raises; NumPy documents their product.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  let found;
  try { found = np.inner(np.array(2), np.array([1, 2])).dataSync()[1]; } catch (error) { found = error.message; }
  assert(found === 4, String(found)); });
