// fmax of float32 and int32 raises, "condition must be boolean"; maximum of them comes out, and it is 2.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const two = np.array(Int32Array.from([2, 2]), { dtype: np.int32 });
  let found;
  try { found = np.fmax(np.array([1, 1]), two).dataSync()[0]; } catch (error) { found = error.message; }
  assert(found === 2, String(found)); });
