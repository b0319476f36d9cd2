"""Prints as JSON the files that the wheels bring into site-packages, from the wheels themselves.

Usage: list_wheels.py FOLDER NAME==VERSION ...
What goes elsewhere (scripts, data, headers) and what an installer writes anew (RECORD) is left out.
"""

import json
import os
import re
import sys
import zipfile

folder, wanted = sys.argv[1], set(sys.argv[2:])
found, files = set(), []
for wheel in sorted(os.listdir(folder)):
    if not wheel.endswith(".whl"):
        continue
    name, version = wheel.split("-")[:2]
    pin = "%s==%s" % (re.sub(r"[-_.]+", "-", name).lower(), version)
    if pin not in wanted or pin in found:
        continue
    found.add(pin)
    for member in zipfile.ZipFile(os.path.join(folder, wheel)).namelist():
        data = re.match(r"[^/]+\.data/([^/]+)/(.+)", member)
        if data and data.group(1) in ("purelib", "platlib"):
            files.append(data.group(2))
        elif not data and not member.endswith("/") and not re.search(r"\.dist-info/RECORD[^/]*$", member):
            files.append(member)
if found != wanted:
    sys.exit("no wheel is recorded of " + ", ".join(sorted(wanted - found)))
json.dump(sorted(set(files)), sys.stdout)
