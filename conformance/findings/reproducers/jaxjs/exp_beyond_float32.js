// exp, exp2 and expm1 of float64 overflow early: exp(510) is infinite; it is 3.09e221.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = np.exp(np.array(Float64Array.from([510, 1]), { dtype: np.float64 })).dataSync()[0];
  assert(Math.abs(y / Math.exp(510) - 1) < 1e-3, String(y)); });
