"""A command that speaks the protocol without this suite's code, and misuses it when its third case comes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def unsupported(seq):
    say({"seq": seq, "status": "unsupported", "feature": "everything"})


def garbage(seq):
    sys.stdout.write('{"seq": 3, "status" "done"}\n')
    sys.stdout.flush()


def partial(seq):
    sys.stdout.write('{"seq": 3, "sta')
    sys.stdout.flush()
    os._exit(1)


def early(seq):
    unsupported(seq + 1)


def malformed(seq):
    say({"seq": seq, "status": "done", "observations": {"r1": [1.0]}})


def chatter(seq):
    print("loading …\n" * 1000)
    unsupported(seq)


def flood(seq):
    while True:
        print("x" * 1000)


def big(seq):
    """Answers of a megabyte, written before the next request is read."""
    unsupported_text = "x" * 1_000_000
    say({"seq": seq, "status": "unsupported", "feature": unsupported_text})


def orphan(seq):
    """Dies, and leaves a child that holds its pipes open."""
    child = subprocess.Popen(["sleep", "3600"])
    print(f"child {child.pid}", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


def deaf(seq):
    """Closes its output and lives on."""
    os.close(1)
    time.sleep(3600)


def once(seq):
    """Dies, and is never able to start again."""
    os._exit(3)


def alone(seq):
    """Works, and waits until three others could not."""
    while not starts.exists() or starts.stat().st_size < 3:
        time.sleep(0.01)
    time.sleep(0.1)
    unsupported(seq)


mode = sys.argv[1]
if mode == "once":
    with Path(sys.argv[2]).open("a") as starts:
        starts.write("x")
    if Path(sys.argv[2]).stat().st_size > 1:
        sys.exit("no licence left")
if mode == "alone":
    greeted, starts = Path(sys.argv[2], "greeted"), Path(sys.argv[2], "starts")
    try:
        Path(sys.argv[2], "first").touch(exist_ok=False)
    except FileExistsError:
        while not greeted.exists():
            time.sleep(0.01)
        with starts.open("a") as others:
            others.write("x")
        sys.exit("only one licence")
hello = json.loads(sys.stdin.readline())
if mode == "silent":
    time.sleep(3600)
if mode == "chatty-start":
    print("Welcome to the engine!")
if mode == "restless":
    introduction = {"hello": {"protocol": 1, "engine": "restless", "version": "1"}}
    answer = {"seq": 1, "status": "unsupported", "feature": "patience"}
    os.write(1, f"{json.dumps(introduction)}\n{json.dumps(answer)}\n".encode())  # both at once
    time.sleep(3600)
version = hello["device"] if mode == "device" else "1"
say({"hello": {"protocol": 2 if mode == "modern" else 1, "engine": mode, "version": version}})
if mode == "flash" and Path(sys.argv[2]).exists():
    sys.exit(5)
for line in sys.stdin:
    message = json.loads(line)
    if message["seq"] == 3 and mode in globals():
        globals()[mode](message["seq"])
    elif mode == "big":
        big(message["seq"])
    else:
        unsupported(message["seq"])
