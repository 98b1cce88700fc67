// The second derivative of exp, tanh, sigmoid, softmax and others is lost: each saves its output, which is cut from the graph.
const tf = require("@tensorflow/tfjs");
const assert = require("assert");
let g;
try {
  g = tf.grad((x) => tf.grad(tf.exp)(x))(tf.tensor1d([0.5])).dataSync()[0];
} catch (error) {
  g = error;
}
assert(Math.abs(g - Math.exp(0.5)) < 1e-5, String(g));
