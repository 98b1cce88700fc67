// The gradient of atan2 at (1e-25, 1e-25) is not finite, since squares underflow; it is 5e24.
const tf = require("@tensorflow/tfjs");
const g = tf.grad((x) => tf.atan2(x, tf.scalar(1e-25)))(tf.scalar(1e-25)).dataSync()[0];
require("assert")(Math.abs(g / 5e24 - 1) < 1e-5, String(g));
