// The gradient of cumsum along the first axis of three dimensions is permuted the wrong way.
const tf = require("@tensorflow/tfjs");
const assert = require("assert");
const w = tf.range(0, 24).reshape([2, 3, 4]);
let g;
try {
  g = tf.grad((x) => tf.cumsum(x, 0).mul(w).sum())(tf.ones([2, 3, 4])).dataSync()[1];
} catch (error) {
  g = error;
}
assert(g === 1 + 13, String(g));
