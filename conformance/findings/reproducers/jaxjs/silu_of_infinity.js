// silu of -Infinity is NaN, and mish too, from infinity times 0; it is 0.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, nn, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = nn.silu(np.array([-Infinity, 1])).dataSync()[0];
  assert(Math.abs(y) === 0, String(y)); });
