// erf(1e-10) is 1.1e-9, wrong by a factor of ten; it is 1.128e-10.
const tf = require("@tensorflow/tfjs");
const y = tf.erf(tf.scalar(1e-10)).dataSync()[0];
require("assert")(Math.abs(y / 1.1283791670955126e-10 - 1) < 1e-5, String(y));
