// softplus of -17 is 0, and logSigmoid of 17 with it; it is 4.14e-8.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, nn, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = nn.softplus(np.array([-17, 1])).dataSync()[0];
  assert(Math.abs(y / 4.1399e-8 - 1) < 1e-3, String(y)); });
