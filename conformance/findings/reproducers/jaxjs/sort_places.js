// The places that argsort gives are int32, the only integers there; PyTorch counts in int64.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = np.argsort(np.array([3, 1, 2]));
  assert.strictEqual(String(y.dtype), "int64"); });
