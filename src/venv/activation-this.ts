/**
 * The text of `bin/activate_this.py`, which puts a running Python into the environment: `exec(open(path).read(), {"__file__": path})` or
 * `runpy.run_path(path)`. One text for every environment. It works from Python 3.6 on.
 */
export const activateThis: string = `"""Use this file inside a running Python, for programs that embed one:

    import runpy
    runpy.run_path("/path/to/environment/bin/activate_this.py")

It is the same in every environment and finds its own place.
"""
import os
import re
import site
import sys


def activate(file):
    scripts = os.path.dirname(os.path.abspath(file))
    if os.path.islink(file) and not os.path.isfile(os.path.join(os.path.dirname(scripts), "pyvenv.cfg")):
        scripts = os.path.dirname(os.path.realpath(file))
    root = os.path.dirname(scripts)
    try:
        with open(os.path.join(root, "pyvenv.cfg"), encoding="utf-8", errors="replace") as lines:
            config = lines.read().split("\\n")
    except OSError:
        raise RuntimeError("activate_this.py: cannot find the environment that this file belongs to (no pyvenv.cfg above %r)" % scripts) from None
    if os.name == "nt":
        packages = os.path.join(root, "Lib", "site-packages")
    else:
        implementation = "pypy" if sys.implementation.name == "pypy" else "python"
        threads = "t" if "t" in getattr(sys, "abiflags", "") else ""
        packages = os.path.join(root, "lib", "%s%d.%d%s" % (implementation, sys.version_info[0], sys.version_info[1], threads), "site-packages")
        if implementation == "pypy" and sys.version_info < (3, 8):
            packages = os.path.join(root, "site-packages")
    if not os.path.isdir(packages):
        raise RuntimeError("activate_this.py: the environment %r is for another Python than this one, which is %s" % (root, sys.version.split()[0]))

    name = os.path.basename(root)
    for line in config:
        found = re.match(r"prompt\\s*=\\s*(.*)", line)
        if found:
            name = re.sub(r"^(['\\"])(.*)\\1$", r"\\2", found.group(1).strip())
    folders = os.environ.get("PATH", "").split(os.pathsep) if os.environ.get("PATH") else []
    os.environ["PATH"] = os.pathsep.join([scripts] + [folder for folder in folders if folder != scripts])
    os.environ["VIRTUAL_ENV"] = root
    os.environ["VIRTUAL_ENV_PROMPT"] = re.sub("[\\x00-\\x1f\\x7f]", "?", name)
    os.environ.pop("PYTHONHOME", None)

    # Its packages come before those of the Python that runs.
    before = list(sys.path)
    site.addsitedir(packages)
    if packages in sys.path:
        sys.path.remove(packages)
    added = [packages] + [entry for entry in sys.path if entry not in before]
    sys.path[:] = added + [entry for entry in before if entry != packages]
    sys.prefix = sys.exec_prefix = root


try:
    __file__
except NameError:
    raise RuntimeError("activate_this.py: it is not said where this file stands: use runpy.run_path(path)") from None
activate(__file__)
`;
