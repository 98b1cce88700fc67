// The gradient of adding arrays of the shapes (0, 3) and (1, 3) raises "unbroadcast shape mismatch"; it is zeros.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, vjp, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const [, pull] = vjp((a, b) => np.add(a, b), [np.zeros([0, 3]), np.zeros([1, 3])]);
  let found;
  try { found = pull(np.zeros([0, 3]))[1].shape.join(); } catch (error) { found = error.message; }
  assert(found === "1,3", found); });
