// matmul of a (2, 0) and a (0, 2) matrix is whatever the memory held; an empty sum is 0.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  np.exp(np.array([1, 2, 3, 4])).dataSync();
  const y = [...np.matmul(np.zeros([2, 0]), np.zeros([0, 2])).dataSync()];
  assert(y.every((v) => v === 0), String(y)); });
