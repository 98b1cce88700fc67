// The gradient of cumprod with a zero is NaN; that of the zero is 1 + 2 + 2 * 3 = 9.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, jvp, vjp, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const f64 = (data, shape) => np.array(Float64Array.from(data), { shape, dtype: np.float64 });
  const g = grad((x) => np.sum(np.cumprod(x)))(f64([0, 2, 3], [3])).dataSync();
  assert(g[0] === 9, String(g)); });
