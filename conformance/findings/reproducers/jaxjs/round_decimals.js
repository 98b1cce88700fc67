// round of float64 to 1 decimal gives 0.5000000074505806 for 0.5000001; it is 0.5.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = np.round(np.array(Float64Array.from([0.5000001, 1]), { dtype: np.float64 }), 1).dataSync()[0];
  assert(y === 0.5, String(y)); });
