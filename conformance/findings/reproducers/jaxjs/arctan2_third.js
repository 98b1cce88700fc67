// The third derivative of arctan2 in y at (0.125, -2.5), left of the origin, is wrong by 1.6e-4 of itself; it is 0.122.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const summed = (f) => (y) => np.sum(f(y));
  const f = (y) => np.arctan2(y, np.array([-2.5, 1]));
  const g = grad(summed(grad(summed(grad(summed(f))))))(np.array([0.125, 1])).dataSync()[0];
  const r = 2.5 ** 2 + 0.125 ** 2;
  const exact = 5 / r ** 2 - (20 * 0.125 ** 2) / r ** 3;
  assert(Math.abs(g / exact - 1) < 1e-5, String([g, exact])); });
