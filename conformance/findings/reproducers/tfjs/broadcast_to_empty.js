// broadcastTo to a shape with a 0 is taken for one with a 1: [1, 2] broadcast to [0, 2] is [1, 2].
const tf = require("@tensorflow/tfjs");
const assert = require("assert");
const shape = tf.broadcastTo(tf.ones([1, 2]), [0, 2]).shape;
assert(shape[0] === 0, String(shape));
