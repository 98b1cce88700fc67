// softplus of 1000 is Infinity, and logSigmoid of -1000 with it; it is 1000.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, nn, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = nn.softplus(np.array([1000, 1])).dataSync()[0];
  assert(y === 1000, String(y)); });
