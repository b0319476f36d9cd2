"""Looks at the environment whose Python runs this and prints what is really there, as JSON.

Usage: python -I -B check_environment.py FILES [MODULE ...]. FILES is what `list_wheels.py` wrote: the files that must be there.
The modules are imported. Nothing is written.
"""

import importlib
import importlib.metadata
import json
import os
import re
import sys

inside = os.path.abspath(sys.prefix) + os.sep
# site-packages, and what a .pth file of the environment adds.
libraries = [path for path in sys.path if os.path.abspath(path).startswith(inside)]
prefix = os.path.realpath(sys.prefix) + os.sep
versions, records, missing, hard, soft, bytecode = {}, 0, [], 0, 0, 0
real = {}
for distribution in importlib.metadata.distributions(path=libraries):
    versions[re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()] = distribution.version
    records += distribution.files is not None
with open(sys.argv[1]) as wanted:
    files = json.load(wanted)
for path in files:
    for library in libraries:
        place = os.path.join(library, path)
        try:
            about = os.stat(place)
            break
        except OSError:
            pass
    else:
        missing.append(path)
        continue
    hard += about.st_nlink > 1
    folder = os.path.dirname(place)
    if folder not in real:
        real[folder] = os.path.realpath(folder) + os.sep
    soft += not real[folder].startswith(prefix) or os.path.islink(place)
for library in libraries:
    for folder, _, names in os.walk(library, followlinks=True):
        bytecode += sum(name.endswith(".pyc") for name in names)
failed = []
for module in sys.argv[2:]:
    try:
        importlib.import_module(module)
    except Exception as error:
        failed.append("%s: %s" % (module, error))
json.dump(
    {
        "environment": sys.prefix != sys.base_prefix,
        "versions": versions,
        "records": records,
        "missing": missing,
        "files": len(files),
        "hardLinked": hard,
        "outside": soft,
        "bytecode": bytecode,
        "importErrors": failed,
    },
    sys.stdout,
)
