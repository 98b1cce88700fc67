// matMul of stacks that are broadcast both ways has more numbers than its shape: 2 x 4 x 2 x 2 is 32.
const tf = require("@tensorflow/tfjs");
const assert = require("assert");
const y = tf.matMul(tf.ones([2, 1, 2, 3]), tf.ones([1, 4, 3, 2]));
assert(y.dataSync().length === y.size, `${y.shape}: ${y.dataSync().length}`);
