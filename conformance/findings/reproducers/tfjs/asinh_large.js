// The gradients of asinh and acosh at 1e25 are 0, since the square overflows; they are 1e-25.
const tf = require("@tensorflow/tfjs");
const found = [tf.asinh, tf.acosh].map((f) => tf.grad((x) => f(x))(tf.scalar(1e25)).dataSync()[0]);
require("assert")(found.every((g) => Math.abs(g / 1e-25 - 1) < 1e-5), String(found));
