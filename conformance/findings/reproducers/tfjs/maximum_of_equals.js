// The gradient of maximum goes to the first of two equal arguments; PyTorch documents that each has half of it.
const tf = require("@tensorflow/tfjs");
const assert = require("assert");
const [g] = tf.grads((a, b) => tf.maximum(a, b))([tf.tensor1d([1]), tf.tensor1d([1])]);
assert(g.dataSync()[0] === 0.5, String(g));
