// copysign of float32 and float64 is float32, and its gradient what the memory held; by promotion it is float64.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const y = np.copysign(np.array([1, 2]), np.array(Float64Array.from([1, -2]), { dtype: np.float64 }));
  assert(y.dtype === "float64", y.dtype); });
