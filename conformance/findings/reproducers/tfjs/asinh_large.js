// The gradient of asinh at 1e25 is 0, since the square overflows; it is 1e-25.
const tf = require("@tensorflow/tfjs");
const g = tf.grad((x) => tf.asinh(x))(tf.scalar(1e25)).dataSync()[0];
require("assert")(Math.abs(g / 1e-25 - 1) < 1e-5, String(g));
