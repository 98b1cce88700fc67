// The gradient of atan2 at (1e20, 1e20) is 0, since squares overflow; it is (5e-21, -5e-21).
const tf = require("@tensorflow/tfjs");
const g = tf.grad((x) => tf.atan2(x, tf.scalar(1e20)))(tf.scalar(1e20)).dataSync()[0];
require("assert")(Math.abs(g / 5e-21 - 1) < 1e-5, String(g));
