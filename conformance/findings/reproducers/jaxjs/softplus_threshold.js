// The second derivative of softplus at 20.5 is -8.9e-8; PyTorch documents a straight line above 20, and it is 0.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, nn, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const second = (z) => np.sum(grad((x) => np.sum(nn.softplus(x)))(z));
  const g = grad(second)(np.array([20.5, 1])).dataSync()[0];
  assert(g === 0, String(g)); });
