// The gradient of -1e30 / y in y at 1e20 is 0, since the square overflows; it is 1e30 / y / y = 1e-10.
const tf = require("@tensorflow/tfjs");
const g = tf.grad((y) => tf.div(tf.scalar(-1e30), y))(tf.scalar(1e20)).dataSync()[0];
require("assert")(Math.abs(g / 1e-10 - 1) < 1e-5, String(g));
