"""An honest tape behind the Python kit, until a leaf begins with 666: ``battery.py KIND [FILE]`` says what it does then.

It uses nothing but the kit, so that a start costs as little as a process does.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import conformance

sys.path.insert(0, str(Path(conformance.__file__).parent / "kits"))
import engine
import tiny

KIND, FILE = sys.argv[1], Path(sys.argv[2])
TRIGGER = 666.0
SOCKET = os.fdopen(os.dup(1), "w")
ENGINE = {
    "features": ["float64"],
    "operators": {"mul": tiny.binary(lambda a, b: a * b, lambda a, b: b, lambda a, b: a), "sum": tiny.total},
    "leaf": tiny.leaf,
    "read": lambda tensor: engine.Array("float64", tensor.shape, tensor.flat),
    "backward": lambda output, cotangent: output.backward(cotangent),
    "grad": lambda tensor: tensor.grad,
}


def say(message):
    text = message if isinstance(message, str) else json.dumps(message)
    SOCKET.write(text + "\n")
    SOCKET.flush()


def segmentation_fault(reply):
    os.kill(os.getpid(), signal.SIGSEGV)


def abort(reply):
    os.abort()


def hang(reply):
    time.sleep(3600)


def endless_output(reply):
    while True:
        SOCKET.write("x" * 1000 + "\n")


def memory_hog(reply):
    held = bytes([1]) * (1 << 28)
    time.sleep(3600)
    say(str(held))


def partial_line(reply):
    SOCKET.write(json.dumps(reply)[:20])
    SOCKET.flush()
    os._exit(1)


def wrong_id(reply):
    say({**reply, "seq": reply["seq"] + 1})


def duplicate_reply(reply):
    say(reply)
    say(reply)


def late_reply(reply):
    time.sleep(1.5)
    say(reply)


def grandchild(reply):
    subprocess.Popen(["sleep", "3600"])
    os.kill(os.getpid(), signal.SIGKILL)


def restart_loop(reply):
    FILE.touch()  # from now on it does not even start
    os._exit(9)


def exit_zero(reply):
    os._exit(0)


def answers_that_change(reply):
    (observation,) = reply["observations"].values()
    if FILE.exists():
        observation.update(engine.encode_array(engine.Array("float64", (2,), (1.0, 2.0))))
    FILE.touch()
    say(reply)


def long_line(reply):
    while True:
        SOCKET.write("{" * (1 << 20))


def deaf(reply):
    os.close(0)
    time.sleep(3600)


def alive(reply):
    """Slow, and says so: that prolongs no case."""
    say({"alive": "compiling kernel 3"})
    time.sleep(3600)


def is_trigger(message):
    leaves = (s for s in message["program"] if s["do"] == "leaf")
    return any(engine.decode_array(s["args"][0]["array"]).data[0] == TRIGGER for s in leaves)


def start():
    """What comes before and instead of the greeting."""
    if KIND == "restart_loop" and FILE.exists():
        os._exit(9)
    if KIND == "garbage_greeting":
        print("cannot find libgarbage", file=sys.stderr, flush=True)
        say('{"welcome": "to the engine"}')
    if KIND == "chatty_start":
        say("Welcome to the engine!\n[info] 2 kernels")
    if KIND == "slow_start":
        time.sleep(1.4)
    if KIND == "lively_start":
        for _ in range(3):
            time.sleep(0.4)
            say({"alive": "compiling"})
    say({"hello": {"protocol": 2 if KIND == "modern" else 1, "engine": "hostile", "version": "1"}})
    if KIND == "deaf_from_the_start":
        deaf(None)


sys.stdin.readline()
start()
for line in sys.stdin:
    message = json.loads(line)
    if KIND == "counting":  # slowly
        time.sleep(0.01)
        with FILE.open("a") as file:
            file.write("asked\n")
    reply = engine.answer(ENGINE, message)
    if KIND in globals() and is_trigger(message):
        globals()[KIND](reply)
    else:
        say(reply)
