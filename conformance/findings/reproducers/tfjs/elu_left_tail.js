// The gradient of elu at -40, computed from its output, is 0; it is exp(-40) = 4.2e-18.
const tf = require("@tensorflow/tfjs");
const g = tf.grad((x) => tf.elu(x))(tf.scalar(-40)).dataSync()[0];
require("assert")(g !== 0, String(g));
