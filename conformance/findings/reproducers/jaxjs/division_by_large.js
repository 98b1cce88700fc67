// The gradient of -1e30 / y in y at 1e25 is 0, since y ** -2 underflows; it is 1e30 / y / y = 1e-20.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const g = grad((y) => np.sum(np.divide(np.array([-1e30, 1]), y)))(np.array([1e25, 1])).dataSync()[0];
  assert(Math.abs(g / 1e-20 - 1) < 1e-5, String(g)); });
