// The sign that slogdet gives for a float matrix is int32; it has the dtype of the matrix.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const [sign] = np.linalg.slogdet(np.array([[2, 0], [0, 1]]));
  assert.strictEqual(String(sign.dtype), "float32"); });
