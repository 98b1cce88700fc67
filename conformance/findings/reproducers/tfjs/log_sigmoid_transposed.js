// The gradient of logSigmoid of a transposed tensor raises: cannot read properties of undefined.
const tf = require("@tensorflow/tfjs");
const assert = require("assert");
let g;
try {
  g = tf.grad((x) => tf.logSigmoid(tf.transpose(x)).sum())(tf.zeros([2, 3])).dataSync()[0];
} catch (error) {
  g = error;
}
assert(Math.abs(g - 0.5) < 1e-6, String(g));
