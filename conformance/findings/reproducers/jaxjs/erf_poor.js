// erfc of float32 has two right digits at 6, where it is 2.152e-17, and erf of small numbers six.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, lax, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = lax.erfc(np.array([6, 1])).dataSync()[0];
  assert(Math.abs(y / 2.1519736712e-17 - 1) < 1e-3, String(y)); });
