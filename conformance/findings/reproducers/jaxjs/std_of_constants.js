// The gradient of std of equal numbers is NaN; PyTorch documents 0, the subgradient of least norm.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, jvp, vjp, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const f64 = (data, shape) => np.array(Float64Array.from(data), { shape, dtype: np.float64 });
  const g = grad((x) => np.std(x))(f64([1, 1, 1], [3])).dataSync();
  assert(g[0] === 0, String(g)); });
