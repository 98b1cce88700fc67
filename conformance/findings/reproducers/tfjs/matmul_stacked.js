// The gradient of matMul raises where one operand is broadcast over the stack of the other.
const tf = require("@tensorflow/tfjs");
let raised = null;
try {
  tf.grads((a, b) => tf.matMul(a, b))([tf.ones([1, 2, 2]), tf.ones([3, 2, 2])])[0].dataSync();
} catch (error) {
  raised = error.message;
}
require("assert").strictEqual(raised, null);
