// The places that topk gives are int32, the only integers there; PyTorch counts in int64.
const assert = require("assert");
const tf = require("@tensorflow/tfjs");
const { indices } = tf.topk(tf.tensor1d([1, 2]), 1);
assert(indices.dtype === "int64", indices.dtype);
