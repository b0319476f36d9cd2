import csv, configparser, email, glob, io, json, os, platform, sys, sysconfig, textwrap
# Run by peer-tools.test.ts: reads cases as JSON, answers what the packaging tools of this Python make of them.
given = json.load(sys.stdin)
out = {"implementation": platform.python_implementation().lower(), "version": list(sys.version_info[:2]),
       "soabi": sysconfig.get_config_var("SOABI"), "platform": sysconfig.get_platform(),
       "glibc": os.confstr("CS_GNU_LIBC_VERSION") if hasattr(os, "confstr") else None,
       "threads": bool(sysconfig.get_config_var("Py_GIL_DISABLED")), "debug": bool(sysconfig.get_config_var("Py_DEBUG"))}

def libraries():
    found = False
    try:
        from pip._vendor.packaging import tags, utils
        import pip._vendor.packaging as package
        found = True
        yield package, tags, utils
    except ImportError:
        pass
    try:
        from packaging import tags, utils
        import packaging as package
        found = True
        yield package, tags, utils
    except ImportError:
        pass
    if given["vendored"] and not found:
        sys.path.insert(0, given["vendored"])
        try:
            from packaging import tags
            import packaging as package
            yield package, tags, None
        except ImportError:
            pass

def wheel(utils, name):
    try:
        project, version, build, tags = utils.parse_wheel_filename(name)
    except ValueError:
        return None
    return [str(project), str(version), list(build), sorted(map(str, tags))]

def sdist(utils, name):
    try:
        project, version = utils.parse_sdist_filename(name)
    except ValueError:
        return None
    return [str(project), str(version)]

out["packaging"] = []
for package, tags, utils in libraries():
    out["packaging"].append({
        "release": getattr(package, "__version__", "0"),
        "tags": [str(tag) for tag in tags.sys_tags()],
        "mac": [list(tags.mac_platforms(tuple(version), arch)) for version, arch in given["mac"]],
        "wheels": [wheel(utils, name) for name in given["wheels"]] if hasattr(utils, "parse_wheel_filename") else None,
        "sdists": [sdist(utils, name) for name in given["sdists"]] if hasattr(utils, "parse_sdist_filename") else None})

def record(text):
    return list(csv.reader(io.StringIO(text, newline="")))

out["written"] = []
for rows in given["rows"]:
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows(rows)
    out["written"].append(target.getvalue())

def scripts(text):
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    return [[section, name, value] for section in parser.sections() for name, value in parser.items(section)]

try:
    from pip._internal.metadata._json import msg_to_json
    from importlib.metadata._adapters import Message
except ImportError:
    msg_to_json = None
out["metadata"] = []
if msg_to_json is not None:
    out["metadata"] = [msg_to_json(Message(email.message_from_string(text))) for text in given["metadata"]]
out["entries"] = [scripts(text) for text in given["entries"]]

def read(path):
    try:
        with io.open(path, encoding="utf-8", newline="") as file:
            return file.read(200000)
    except (OSError, UnicodeDecodeError):
        return None

out["installed"] = []
for folder in sorted(glob.glob(os.path.join(sysconfig.get_paths()["purelib"], "*.dist-info")))[:60]:
    meta, rec, ep = [read(os.path.join(folder, name)) for name in ("METADATA", "RECORD", "entry_points.txt")]
    out["installed"].append({
        "folder": os.path.basename(folder), "metadata": meta, "entryPoints": ep,
        "json": msg_to_json(Message(email.message_from_string(meta))) if meta and msg_to_json else None,
        "record": rec if rec and len(rec) < 200000 else None, "rows": record(rec) if rec and len(rec) < 200000 else None,
        "scripts": scripts(ep) if ep else None})
json.dump(out, sys.stdout)
