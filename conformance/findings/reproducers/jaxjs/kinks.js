// Gradients at kinks go the one way: relu and abs have 1 at 0, hardSigmoid 1/6 at -3; PyTorch documents 0 for each.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, nn, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const g = grad((x) => np.sum(nn.relu(x)))(np.array([0, 1])).dataSync()[0];
  assert(g === 0, String(g)); });
