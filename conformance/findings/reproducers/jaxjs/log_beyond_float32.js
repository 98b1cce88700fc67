// log of float64 is computed in float32: log(1e200) is infinite, and log2, log10 and log1p too; it is 460.5.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = np.log(np.array(Float64Array.from([1e200, 1]), { dtype: np.float64 })).dataSync()[0];
  assert(Math.abs(y - 460.517) < 1e-3, String(y)); });
