// grads of a function that leaves an input out raises for all of them; PyTorch gives None, or zeros from its vjp.
const assert = require("assert");
const tf = require("@tensorflow/tfjs");
let found;
try { found = tf.grads((x, y) => tf.square(x))([tf.scalar(3), tf.scalar(4)])[0].dataSync()[0]; } catch (error) { found = error.message; }
assert(found === 6, String(found));
