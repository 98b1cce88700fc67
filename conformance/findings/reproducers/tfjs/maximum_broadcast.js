// The gradient of maximum and minimum raises where one operand is broadcast; it is summed to that operand's shape.
const tf = require("@tensorflow/tfjs");
let raised = null;
try {
  tf.grads((a, b) => tf.maximum(a, b))([tf.tensor([1, 2]), tf.scalar(1)])[1].dataSync();
} catch (error) {
  raised = error.message;
}
require("assert").strictEqual(raised, null);
