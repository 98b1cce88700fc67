// tile with 0 repetitions raises; the result is empty.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  let found;
  try { found = np.tile(np.array([2, 3]), [0]).shape.join(); } catch (error) { found = error.message; }
  assert(found === "0", found); });
