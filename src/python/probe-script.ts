/**
 * The script that asks an interpreter what it is. It must parse on Python 2.7 (to refuse in words) and run on 3.6 to 3.14 under
 * `-I -S`. `sysconfig` is the only import beyond what the interpreter has loaded anyway; `json` and `platform` (but where
 * the platform leaves no other way) would double its time. The answer is ASCII JSON between two frames made of the marker in
 * argv, so that whatever a wrapper prints before or after does no harm; echoing the command line cannot forge a frame.
 *
 * Before Python 3.14 it is `site` that points `sys.prefix` at a virtual environment, and `-S` leaves `site` out: the script does it.
 * Strings go through the file system's encoding and come out as UTF-8, which a 3.6 in the C locale would not do by itself.
 */
export const probeScript: string = `
import sys
mark = sys.argv[1]
def put(text):
    sys.stdout.write("\\n<" + mark + ":" + text + ":" + mark + ">\\n")
    sys.stdout.flush()
version = sys.version_info
if tuple(version[:2]) < (3, 6):
    put('{"unsupported":"%d.%d.%d"}' % tuple(version[:3]))
    sys.exit(0)
import os
posix = os.name == "posix"
def plain(text):
    if posix:
        try:
            text = os.fsencode(text).decode("utf-8", "surrogateescape")
        except UnicodeError:
            pass
    out = []
    for char in text:
        code = ord(char)
        if 32 <= code < 127 and char not in '"\\\\':
            out.append(char)
        elif code < 65536:
            out.append("\\\\u%04x" % code)
        else:
            code -= 65536
            out.append("\\\\u%04x\\\\u%04x" % (55296 + (code >> 10), 56320 + (code & 1023)))
    return '"' + "".join(out) + '"'
def json(value):
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([json(item) for item in value]) + "]"
    if isinstance(value, dict):
        return "{" + ",".join([plain(key) + ":" + json(value[key]) for key in value]) + "}"
    return plain(str(value))
executable = os.path.abspath(sys.executable) if sys.executable else ""
config = None
if executable:
    folder = os.path.dirname(executable)
    parent = os.path.dirname(folder)
    for place in (folder, parent):
        if os.path.isfile(os.path.join(place, "pyvenv.cfg")):
            config = os.path.join(place, "pyvenv.cfg")
            sys.prefix = sys.exec_prefix = parent
            break
import sysconfig
known = sysconfig.get_config_vars()
names = ("EXT_SUFFIX", "SOABI", "Py_GIL_DISABLED", "Py_DEBUG", "Py_ENABLE_SHARED", "LIBDIR", "INSTSONAME", "LDLIBRARY", "PYTHONFRAMEWORKPREFIX", "WHEEL_PKG_DIR")
paths = sysconfig.get_paths()
if version < (3, 10) and config is None and paths["stdlib"].startswith("/usr/lib/python3.") and os.path.isdir("/usr/lib/python3/dist-packages"):
    # Debian taught this scheme only to distutils before 3.10.
    local = "/usr/local/lib/python%d.%d/dist-packages" % tuple(version[:2])
    paths.update(purelib=local, platlib=local, scripts="/usr/local/bin", data="/usr/local")
library = None
if sys.platform == "linux":
    try:
        with open("/proc/self/maps", errors="surrogateescape") as maps:
            for line in maps:
                at = line.find("/")
                name = line[line.rfind("/") + 1:]
                if at > 0 and name.startswith(("libpython", "libpypy")) and ".so" in name:
                    library = line[at:].rstrip("\\n")
                    break
    except (OSError, ValueError):
        pass
libc = None
if hasattr(os, "confstr"):
    try:
        libc = os.confstr("CS_GNU_LIBC_VERSION")
    except (OSError, ValueError):
        pass
implementation = sys.implementation
names_known = {"cpython": "CPython", "pypy": "PyPy"}
platform = None
if implementation.name not in names_known or not posix or sys.platform in ("darwin", "ios", "android"):
    import platform
if posix and sys.platform not in ("ios", "android"):
    uname = os.uname()
    system = (uname.sysname, uname.release, uname.version, uname.machine)
else:
    system = (platform.system(), platform.release(), platform.version(), platform.machine())
of_own = getattr(sys, "pypy_version_info", None) or implementation.version
put(json({
    "executable": executable,
    "base_executable": getattr(sys, "_base_executable", None),
    "config": config,
    "version_info": list(version),
    "full_version": sys.version.split()[0] if platform is None else platform.python_version(),
    "implementation": implementation.name,
    "implementation_name": names_known[implementation.name] if implementation.name in names_known else platform.python_implementation(),
    "implementation_version": list(implementation.version),
    "own_version": list(of_own)[:2],
    "cache_tag": implementation.cache_tag,
    "platlibdir": getattr(sys, "platlibdir", "lib"),
    "abiflags": getattr(sys, "abiflags", ""),
    "pointer_bits": sys.maxsize.bit_length() + 1,
    "prefix": sys.prefix,
    "base_prefix": getattr(sys, "base_prefix", sys.prefix),
    "os_name": os.name,
    "sys_platform": sys.platform,
    "system": list(system),
    "platform": sysconfig.get_platform(),
    "mac_version": platform.mac_ver()[0] if sys.platform == "darwin" else None,
    "libc": libc,
    "library": library,
    "paths": {name: paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib", "scripts", "data", "include")},
    "variables": {name: known.get(name) for name in names},
}))
os._exit(0)
`;
