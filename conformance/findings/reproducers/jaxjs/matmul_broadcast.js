// matmul of stacks that are broadcast both ways drops an axis: (2, 1, 2, 3) times (3, 3, 2) is (2, 3, 2, 2).
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, jvp, vjp, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const f64 = (data, shape) => np.array(Float64Array.from(data), { shape, dtype: np.float64 });
  const y = np.matmul(np.ones([2, 1, 2, 3]), np.ones([3, 3, 2]));
  assert.deepStrictEqual(y.shape, [2, 3, 2, 2]); });
