// The tangent of sign of float64 is float32; it has the dtype of the result.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, jvp, vjp, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const f64 = (data, shape) => np.array(Float64Array.from(data), { shape, dtype: np.float64 });
  const [, t] = jvp((x) => np.sign(x), [f64([2], [1])], [f64([1], [1])]);
  assert.strictEqual(String(t.dtype), "float64"); });
