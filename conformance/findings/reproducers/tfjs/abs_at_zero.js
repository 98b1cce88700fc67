// The gradient of abs at 0 is -1; PyTorch documents 0, the subgradient of least norm.
const tf = require("@tensorflow/tfjs");
const assert = require("assert");
const g = tf.grad((x) => tf.abs(x))(tf.tensor1d([0])).dataSync()[0];
assert(g === 0, String(g));
