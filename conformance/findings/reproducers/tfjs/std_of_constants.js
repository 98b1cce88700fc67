// The gradient of the root of a variance is NaN for equal numbers; PyTorch documents 0, the subgradient of least norm.
const tf = require("@tensorflow/tfjs");
const assert = require("assert");
const g = tf.grad((x) => tf.sqrt(tf.moments(x).variance))(tf.ones([3])).dataSync()[0];
assert(g === 0, String(g));
