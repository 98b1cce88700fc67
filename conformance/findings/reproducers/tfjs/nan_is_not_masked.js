// A NaN that comes in reaches elements of relu that are not active, as 0 * NaN; PyTorch masks it, and gives 0.
const tf = require("@tensorflow/tfjs");
const assert = require("assert");
const g = tf.grad((x) => tf.relu(x))(tf.tensor1d([-1]), tf.tensor1d([NaN])).dataSync()[0];
assert(g === 0, String(g));
