// The gradient of det at a singular matrix is not a number; it is the matrix of cofactors, here [[4, -2], [-2, 1]].
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const found = [...grad((x) => np.linalg.det(x))(np.array([[1, 2], [2, 4]])).dataSync()];
  assert.deepStrictEqual(found, [4, -2, -2, 1]); });
