// The gradient of sigmoid at -1000, as at -infinity, is NaN, from infinity times 0; it is 0.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, nn, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const g = grad((x) => np.sum(nn.sigmoid(x)))(np.array([-1000, 1])).dataSync()[0];
  assert(g === 0, String(g)); });
