/**
 * The Python side of a build: started with `-I`, a request file and an answer file. Its first process imports nothing foreign: it ends the work after the
 * time limit, and kills whatever the work leaves behind (on Linux also daemons, which come back to it as their subreaper). Its child imports the backend
 * once and forks for each hook, so that every hook has a fresh process, as PEP 517 asks. What hooks print goes to standard error; answers
 * go through the answer file alone. Runs on Python 3.6 and newer.
 */
export const driverScript: string = `
import importlib, json, os, signal, sys, time, traceback

STATE = {}

def children():
    own = str(os.getpid())
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/" + name + "/stat", "rb") as file:
                    fields = file.read().rpartition(b")")[2].split()
                if fields[1].decode() == own:
                    found.append(int(name))
            except (OSError, IndexError):
                pass
    return found

def kill_all(rounds=200):
    for _ in range(rounds):
        try:
            left = children()
        except OSError:
            return
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        try:
            while True:
                pid, _status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
        except OSError:
            return
        if not left:
            return
        time.sleep(0.01)

def become_subreaper():
    if not sys.platform.startswith("linux"):
        return
    try:
        import ctypes
        system = ctypes.CDLL(None)
        system.prctl(36, 1, 0, 0, 0)
        # Ends with whoever started it.
        system.prctl(1, signal.SIGTERM, 0, 0, 0)
    except Exception:
        pass

def answer(path, value):
    temporary = path + ".tmp"
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(value, file)
    os.replace(temporary, path)

class Ended(Exception):
    def __init__(self, value):
        Exception.__init__(self)
        self.value = value

def crashed(status, hook):
    if os.WIFSIGNALED(status):
        return {"status": "failed", "kind": "crashed", "hook": hook, "signal": os.WTERMSIG(status)}
    return {"status": "failed", "kind": "ended", "hook": hook, "code": os.WEXITSTATUS(status)}

def in_child(work, hook):
    """Runs work in a process of its own and gives what it returns; it must be JSON."""
    if not hasattr(os, "fork"):
        return work()
    place = STATE["answer"] + ".hook"
    if os.path.exists(place):
        os.unlink(place)
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        code = 0
        try:
            try:
                value = work()
            except Ended as ended:
                value = ended.value
            answer(place, value)
        except BaseException:
            traceback.print_exc()
            code = 1
        finally:
            try:
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(code)
    _, status = os.waitpid(pid, 0)
    if status != 0 or not os.path.exists(place):
        raise Ended(crashed(status, hook))
    with open(place, encoding="utf-8") as file:
        value = json.load(file)
    if isinstance(value, dict) and value.get("status") == "failed":
        raise Ended(value)
    return value

def describe(error, hook, kind):
    result = {"status": "failed", "kind": kind, "hook": hook, "error": type(error).__name__, "message": str(error)[:4000]}
    if isinstance(error, ImportError) and error.name:
        result["module"] = error.name
    if isinstance(error, SystemExit):
        result["message"] = "" if error.code is None else str(error.code)[:4000]
    return result

def load_backend(request):
    sys.path[0:0] = request["backendPath"]
    name, _, attributes = request["backend"].partition(":")
    try:
        found = importlib.import_module(name)
        origin = getattr(found, "__file__", None)
        if request["backendPath"]:
            inside = origin is not None and any(
                os.path.realpath(origin).startswith(os.path.join(os.path.realpath(path), "")) for path in request["backendPath"]
            )
            if not inside:
                raise Ended({"status": "failed", "kind": "backend-elsewhere", "hook": "import", "message": str(origin)})
        for attribute in attributes.split(".") if attributes else []:
            found = getattr(found, attribute)
        return found
    except Ended:
        raise
    except BaseException as error:
        traceback.print_exc()
        raise Ended(describe(error, "import", "backend-missing" if isinstance(error, (ImportError, AttributeError)) else "backend-broken"))

def call(backend, hook, arguments):
    function = getattr(backend, hook, None)
    if function is None:
        return {"missing": True}
    unsupported = getattr(backend, "UnsupportedOperation", ())
    try:
        return {"value": function(*arguments)}
    except BaseException as error:
        # A setup.py that gives up has said why; where it stood is of no use.
        if not isinstance(error, SystemExit):
            traceback.print_exc()
        is_unsupported = unsupported and isinstance(error, unsupported)
        raise Ended(describe(error, hook, "unsupported" if is_unsupported else "hook-failed"))

def run_hook(backend, hook, arguments):
    return in_child(lambda: call(backend, hook, arguments), hook)

def legacy_place(request):
    """The folder that a legacy editable install puts on sys.path; extension modules are built in place."""
    try:
        import setuptools
        from distutils.core import run_setup
        sys.argv[0] = "setup.py"
        sys.path.insert(0, os.getcwd())
        distribution = run_setup("setup.py", script_args=["-q", "build_ext", "--inplace"], stop_after="commandline")
        if distribution.has_ext_modules():
            distribution.run_commands()
        return (distribution.package_dir or {}).get("", "") or "."
    except BaseException as error:
        if not isinstance(error, SystemExit):
            traceback.print_exc()
        raise Ended(describe(error, "setup.py develop", "hook-failed"))

def work(request):
    os.chdir(request["root"])
    sys.argv = ["-c"]
    if request["operation"] == "legacy-place":
        return {"status": "done", "value": in_child(lambda: legacy_place(request), "setup.py develop")}
    backend = load_backend(request)
    settings = request["settings"]
    suffix = "editable" if request["editable"] else "wheel"
    if request["editable"] and not hasattr(backend, "build_editable"):
        return {"status": "no-editable"}
    if request["askRequires"]:
        asked = run_hook(backend, "get_requires_for_build_" + suffix, [settings])
        requires = asked.get("value") or []
        if not isinstance(requires, list) or not all(isinstance(text, str) for text in requires):
            raise Ended({"status": "failed", "kind": "bad-answer", "hook": "get_requires_for_build_" + suffix})
        missing = [text for text in requires if text not in request["known"]]
        if missing:
            return {"status": "needs", "requires": missing}
    if request["operation"] == "metadata":
        hook = "prepare_metadata_for_build_" + suffix
        result = run_hook(backend, hook, [request["output"], settings])
        if result.get("missing"):
            return {"status": "no-hook"}
    else:
        hook = "build_" + suffix
        result = run_hook(backend, hook, [request["output"], settings, request["metadata"]])
        if result.get("missing"):
            raise Ended({"status": "failed", "kind": "hook-missing", "hook": hook})
    value = result.get("value")
    if not isinstance(value, str):
        raise Ended({"status": "failed", "kind": "bad-answer", "hook": hook})
    return {"status": "done", "value": value}

def guarded(request):
    try:
        return work(request)
    except Ended as ended:
        return ended.value

def main():
    request_path, answer_path = sys.argv[1:3]
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    os.dup2(2, 1)
    STATE["answer"] = answer_path
    if not hasattr(os, "fork"):
        answer(answer_path, guarded(request))
        return 0
    become_subreaper()

    def end(number, _frame):
        kill_all()
        if number == signal.SIGALRM:
            answer(answer_path, {"status": "failed", "kind": "timeout"})
        os._exit(1)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGALRM, end)
    own = os.getpid()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            answer(answer_path, guarded(request))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            try:
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(code)
    if request["timeout"]:
        signal.setitimer(signal.ITIMER_REAL, request["timeout"])
    _, status = os.waitpid(pid, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    kill_all()
    if status != 0 and not os.path.exists(answer_path):
        answer(answer_path, crashed(status, request["operation"]))
    return 0

sys.exit(main())
`;
