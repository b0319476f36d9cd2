"""Prints as JSON the files that the wheels for this Python and machine bring into site-packages, from the wheels themselves.

Usage: list_wheels.py FOLDER NAME==VERSION ...
What goes elsewhere (scripts, data, headers) and what an installer writes anew (RECORD) is left out.
"""

import json
import os
import platform
import re
import sys
import zipfile

folder, wanted = sys.argv[1], set(sys.argv[2:])
found, files = set(), []


def is_for_this(wheel):
    """Whether a wheel is for this CPython on Linux; the recording has those of other platforms and Pythons too."""
    pythons, abi, platforms = (part.split(".") for part in wheel[: -len(".whl")].split("-")[-3:])
    machine = platform.machine()
    if not any(name == "any" or re.match("(many)?linux", name) and name.endswith(machine) for name in platforms):
        return False
    minor = sys.version_info[1]
    own = "cp3%d" % minor
    if abi == ["none"]:
        return bool({"py3", own} & set(pythons))
    if abi == ["abi3"]:
        return any(re.match("cp3\\d+$", name) and int(name[3:]) <= minor for name in pythons)
    return own in pythons


for wheel in sorted(os.listdir(folder)):
    if not wheel.endswith(".whl"):
        continue
    name, version = wheel.split("-")[:2]
    pin = "%s==%s" % (re.sub(r"[-_.]+", "-", name).lower(), version)
    if pin not in wanted or pin in found or not is_for_this(wheel):
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
