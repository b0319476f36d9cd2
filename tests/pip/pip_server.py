"""Runs the real pip many times without starting a Python each time.

Started by the Python of an environment, with the folder that holds the package `pip` as its argument. It imports pip once and then takes one command line
per line of standard input, as JSON. Each runs in a child process made by fork, with its own folder, variables, arguments and files for its output; the
answer is the exit status, as JSON. What pip does in such a child is what it does when it is started by itself.
"""

import json
import os
import sys

# Never in a Python of the machine.
if sys.prefix == sys.base_prefix or os.path.realpath(sys.prefix) != os.path.realpath(sys.argv[2]):
    sys.exit(f"{sys.prefix} is not the environment {sys.argv[2]}")
sys.path.insert(0, sys.argv[1])

import pip._internal.cli.main  # noqa: E402
import pip._internal.commands  # noqa: E402

for command in pip._internal.commands.commands_dict:
    pip._internal.commands.create_command(command)
import pip._internal.operations.prepare  # noqa: E402,F401
import pip._internal.resolution.resolvelib.resolver  # noqa: E402,F401
import pip._vendor.rich.progress  # noqa: E402,F401


def run(call):
    os.chdir(call["cwd"])
    os.environ.clear()
    os.environ.update(call["env"])
    for target, path, flags in (
        (0, call["input"], os.O_RDONLY),
        (1, call["stdout"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, call["stderr"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        opened = os.open(path, flags, 0o644)
        os.dup2(opened, target)
        os.close(opened)
    sys.argv = [os.path.join(sys.prefix, "bin", "pip"), *call["args"]]
    status = 0
    try:
        status = pip._internal.cli.main.cli(call["args"])
    except SystemExit as end:
        status = end.code
    except BaseException:
        import traceback

        traceback.print_exc()
        status = 1
    if isinstance(status, str):
        sys.stderr.write(status + "\n")
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status or 0)


os.write(1, b'"ready"\n')
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        run(json.loads(line))
    _, ended = os.waitpid(child, 0)
    answer = {"status": os.waitstatus_to_exitcode(ended)}
    os.write(1, (json.dumps(answer) + "\n").encode())
