// The gradients of cosh and sinh near the largest float32 are infinite: exp(x) overflows before it is halved.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = np.cosh(np.array([89, 1])).dataSync()[0];
  assert(Number.isFinite(y), String(y)); });
