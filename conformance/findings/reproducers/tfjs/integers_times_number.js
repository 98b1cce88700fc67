// An int32 tensor times the number 2 is float32; in PyTorch it stays an integer.
const assert = require("assert");
const tf = require("@tensorflow/tfjs");
const y = tf.mul(tf.tensor1d([1, 2], "int32"), 2);
assert(y.dtype === "int32", y.dtype);
