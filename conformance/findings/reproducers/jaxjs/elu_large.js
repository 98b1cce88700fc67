// The gradient of elu at 1000, and those of celu and selu, is NaN, from the branch not taken; it is 1.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, nn, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const g = grad((x) => np.sum(nn.elu(x)))(np.array([1000, 1])).dataSync()[0];
  assert(g === 1, String(g)); });
