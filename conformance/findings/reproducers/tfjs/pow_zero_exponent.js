// The gradient of x ** 0 at 0 is NaN; the function is constant, and it is 0.
const tf = require("@tensorflow/tfjs");
const g = tf.grad((x) => tf.pow(x, tf.scalar(0)))(tf.scalar(0)).dataSync()[0];
require("assert").strictEqual(Math.abs(g), 0);
