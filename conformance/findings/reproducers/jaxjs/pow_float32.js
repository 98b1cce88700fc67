// pow of float32, and with it norms of other orders, has five right digits: 1.7 ** 2.3 is wrong by 3e-6.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = np.power(np.array([1.7, 5.1, 0.3]), np.array([2.3, 1.9, 3.7])).dataSync();
  const wrong = [1.7 ** 2.3, 5.1 ** 1.9, 0.3 ** 3.7].map((v, i) => Math.abs(y[i] / v - 1));
  assert(Math.max(...wrong) < 1e-6, String(wrong)); });
