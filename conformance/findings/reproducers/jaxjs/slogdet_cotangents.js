// Pulling (5, 1) back through slogdet gives -10 where -2 is right: the cotangent of the sign goes to the logarithm.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, vjp, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  const [, pull] = vjp((x) => np.linalg.slogdet(x), [np.array([[1, 2], [3, 4]])]);
  const g = pull([np.array(5), np.array(1)])[0].dataSync()[0];
  assert(Math.abs(g + 2) < 1e-5, String(g)); });
