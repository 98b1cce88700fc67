// The third derivative of expm1 is lost, as the second of exp is; it is exp(1) at 1.
const tf = require("@tensorflow/tfjs");
const assert = require("assert");
let g;
try {
  g = tf.grad((x) => tf.grad((x) => tf.grad(tf.expm1)(x))(x))(tf.tensor1d([1])).dataSync()[0];
} catch (error) {
  g = error;
}
assert(Math.abs(g - Math.exp(1)) < 1e-4, String(g));
