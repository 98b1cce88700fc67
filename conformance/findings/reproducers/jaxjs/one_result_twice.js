// vjp of a function that gives one array twice raises, "Invalid atom type"; that of [x x, x x] at 3 with ones is 12.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, vjp, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const f = (x) => { const y = np.square(x); return [y.ref, y]; };
  let found;
  try { const [, pull] = vjp(f, [np.array([3, 4])]);
    found = pull([np.array([1, 1]), np.array([1, 1])])[0].dataSync()[0];
  } catch (error) { found = error.message; }
  assert(found === 12, String(found)); });
