// The gradient of max gives every tied element the whole: those of max(1, 1) are 1 and 1, and do not add up to 1.
const tf = require("@tensorflow/tfjs");
const g = tf.grad((x) => tf.max(x))(tf.tensor([1, 1])).dataSync();
require("assert").strictEqual(g[0] + g[1], 1);
