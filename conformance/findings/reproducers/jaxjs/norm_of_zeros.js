// The gradient of vectorNorm at zero is NaN; PyTorch documents 0, the subgradient of least norm.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const g = grad((x) => np.linalg.vectorNorm(x))(np.array([0, 0])).dataSync()[0];
  assert(g === 0, String(g)); });
