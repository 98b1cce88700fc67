// The gradient of prod with a zero among the factors is NaN; it is the product of the others, here [6, 0, 0].
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, jvp, vjp, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const f64 = (data, shape) => np.array(Float64Array.from(data), { shape, dtype: np.float64 });
  const g = grad((x) => np.prod(x))(f64([0, 2, 3], [3])).dataSync();
  assert(g[0] === 6, String(g)); });
