// The gradient of prod along axis -1 raises; along axis 1 of a matrix, which is the same, it comes out.
const tf = require("@tensorflow/tfjs");
const assert = require("assert");
let g;
try {
  g = tf.grad((x) => tf.prod(x, [-1]).sum())(tf.ones([2, 3])).dataSync()[0];
} catch (error) {
  g = error;
}
assert(g === 1, String(g));
