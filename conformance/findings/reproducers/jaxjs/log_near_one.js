// log just below 1 has no right digit: that of 1 - 2 ** -20 is -1.3e-5, and it is -9.5e-7.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const f64 = (data, shape) => np.array(Float64Array.from(data), { shape, dtype: np.float64 });
  const y = np.log(f64([1 - 2 ** -20, 1], [2])).dataSync()[0];
  assert(Math.abs(y / Math.log1p(-(2 ** -20)) - 1) < 1e-4, String(y)); });
