// The second derivative of 2 ** p in p is an error: the first uses a saved result that is cut off; it is log(2) ** 2.
const tf = require("@tensorflow/tfjs");
let found;
try {
  const g = tf.grad((p) => tf.pow(tf.scalar(2), p));
  found = tf.grad((p) => g(p))(tf.scalar(0)).dataSync()[0];
} catch (error) {
  found = String(error);
}
require("assert")(Math.abs(found - Math.log(2) ** 2) < 1e-5, found);
