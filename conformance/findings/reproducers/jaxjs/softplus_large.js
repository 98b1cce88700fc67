// The gradient of softplus at 1000 is NaN, and those of logsigmoid, silu and mish far out; it is 1.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, nn, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const g = grad((x) => np.sum(nn.softplus(x)))(np.array([1000, 1])).dataSync()[0];
  assert(g === 1, String(g)); });
