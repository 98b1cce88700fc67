// The second derivative of x ** 2 at 1e-30 is NaN; it is 2.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const first = (x) => grad((y) => np.sum(np.power(y, 2)))(x);
  const g = grad((x) => np.sum(first(x)))(np.array([1e-30, 1])).dataSync()[0];
  assert(Math.abs(g - 2) < 1e-4, String(g)); });
