// The gradient of a float32 operand of a float64 product is float64; it has the dtype of the operand.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, vjp, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const wide = () => np.array(Float64Array.from([1, 2]), { dtype: np.float64 });
  const [, pull] = vjp((a, b) => np.multiply(a, b), [np.array([1, 2]), wide()]);
  const found = pull(wide())[0].dtype;
  assert(found === "float32", found); });
