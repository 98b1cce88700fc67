// exp, log, sin, cos, tanh, erf and pow of float64 are computed in float32: exp(0.3) is wrong by 3.5e-8.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const f64 = (data, shape) => np.array(Float64Array.from(data), { shape, dtype: np.float64 });
  const y = np.exp(f64([0.3, 1], [2])).dataSync()[0];
  assert(Math.abs(y / Math.exp(0.3) - 1) < 1e-12, String(y)); });
