// The gradient of softSign at 5e8 is 0, and at 1e3 has lost four digits; it is 4e-18.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, nn, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const g = grad((x) => np.sum(nn.softSign(x)))(np.array([5e8, 1])).dataSync()[0];
  assert(Math.abs(g / 4e-18 - 1) < 1e-3, String(g)); });
