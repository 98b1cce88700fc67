// The gradient of silu far to the left has the wrong sign: at -60 it is -5.2e-25.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, grad, nn, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const g = grad((x) => np.sum(nn.silu(x)))(np.array([-60, 1])).dataSync()[0];
  assert(Math.abs(g / -5.166e-25 - 1) < 1e-3, String(g)); });
