"""Runs commands one after another and says how long they took and how much memory each one needed.

A process of its own, and a small one: Linux counts the memory of the process that starts a program as the program's own peak.
In: one JSON object {commands: [[word, ...], ...], env, cwd, errors}. Out: {ms, parts: [{ms, rss, status}, ...]}; rss is in KiB.
"""

import json
import os
import sys
import time

work = json.loads(sys.stdin.read())
os.chdir(work["cwd"])
silent = [
    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
    (os.POSIX_SPAWN_OPEN, 2, work["errors"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
]
parts = []
first = time.monotonic_ns()
for words in work["commands"]:
    begin = time.monotonic_ns()
    pid = os.posix_spawn(words[0], words, work["env"], file_actions=silent)
    _, status, usage = os.wait4(pid, 0)
    end = time.monotonic_ns()
    parts.append({"ms": (end - begin) / 1e6, "rss": usage.ru_maxrss, "status": os.waitstatus_to_exitcode(status)})
    if status != 0:
        break
json.dump({"ms": (end - first) / 1e6, "parts": parts}, sys.stdout)
