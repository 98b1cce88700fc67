// roll along an axis without elements raises, since it splits at 1 modulo 0; the result is empty.
const assert = require("assert");
globalThis.Float16Array ??= class extends Uint16Array {};
const { init, defaultDevice, numpy: np } = require("@jax-js/jax");
init("cpu", "wasm").then(() => {
  defaultDevice("wasm");
  let found;
  try {
    found = np.roll(np.zeros([0, 3]), 1, 0).shape;
  } catch (error) {
    found = error;
  }
  assert(String(found) === "0,3", String(found)); });
