// elu and selu are computed as exp(x) - 1: elu(-2e-16) is -2.2e-16.
const tf = require("@tensorflow/tfjs");
const assert = require("assert");
const y = tf.elu(tf.tensor1d([-2e-16])).dataSync()[0];
assert(Math.abs(y / -2e-16 - 1) < 1e-3, String(y));
