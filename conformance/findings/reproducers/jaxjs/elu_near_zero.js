// elu and celu at -2e-16 are 0; they are -2e-16, since exp(x) - 1 is about x.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, nn, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = nn.elu(np.array([-2e-16, 1])).dataSync()[0];
  assert(Math.abs(y / -2e-16 - 1) < 1e-3, String(y)); });
