// The gradient of a product with an operand that is broadcast against an empty one raises; it is zeros.
const tf = require("@tensorflow/tfjs");
const assert = require("assert");
let g;
try {
  g = tf.grad((x) => tf.mul(x, tf.zeros([0, 3])).sum())(tf.ones([1, 3])).dataSync()[0];
} catch (error) {
  g = error;
}
assert(g === 0, String(g));
