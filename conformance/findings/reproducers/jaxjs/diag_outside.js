// diag off the matrix raises, and with it det of a (0, 0) matrix; the diagonal there is empty.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  let found;
  try { found = np.diag(np.ones([2, 2]), 5).shape.join(); } catch (error) { found = error.message; }
  assert(found === "0", found); });
