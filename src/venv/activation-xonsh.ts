/**
 * The text of `bin/activate.xsh`, for xonsh. One text for every environment; the rules are those of {@link activatePosix}. The prompt is left
 * alone: xonsh shows `VIRTUAL_ENV_PROMPT` by itself.
 */
export const activateXonsh: string = `# Use this file with "source", in xonsh; "deactivate" undoes it.
# It is the same in every environment and finds its own place. Settings of your own do not belong here.


def _pen_activate(file, module, shell):
    import os
    import re
    import sys
    from xonsh.built_ins import XSH

    if module == "__main__" and os.path.abspath(sys.argv[0]) == os.path.abspath(file):
        print("activate.xsh: this file is to be read by your shell, not to be run. Type:  source " + repr(file), file=sys.stderr)
        raise SystemExit(1)
    scripts = os.path.dirname(os.path.abspath(file))
    if os.path.islink(file) and not os.path.isfile(os.path.join(os.path.dirname(scripts), "pyvenv.cfg")):
        scripts = os.path.dirname(os.path.realpath(file))
    root = os.path.dirname(scripts)
    try:
        with open(os.path.join(root, "pyvenv.cfg"), encoding="utf-8", errors="replace") as lines:
            config = lines.read().split("\\n")
    except OSError:
        print("activate.xsh: cannot find the environment that this file belongs to (no pyvenv.cfg above " + repr(scripts) + ").", file=sys.stderr)
        return False

    # Another environment that is active in this shell is left first.
    if "_pen_deactivate" in shell:
        shell["_pen_deactivate"](["nondestructive"])

    class Literal(str):
        """A folder of PATH: xonsh expands variables and "~" in them, and nothing in a name is meant so."""

        def __contains__(self, part):
            return part != "$" and str.__contains__(self, part)

        def partition(self, separator):
            return (self, "", "") if separator == "=" else str.partition(self, separator)

    env = XSH.env
    names = ("PYTHONHOME", "PKG_CONFIG_PATH", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT")
    saved = {name: env[name] for name in names if name in env}
    path = env["PATH"]
    before = list(getattr(path, "_l", path))

    def deactivate(args=None, stdin=None):
        env["PATH"] = before
        for name in names:
            if name in saved:
                env[name] = saved[name]
            elif name in env:
                del env[name]
        shell.pop("_pen_deactivate", None)
        if not args or args[0] != "nondestructive":
            XSH.aliases.pop("deactivate", None)

    # In the shell's own thread, not in one of its own as other aliases: it changes the shell.
    deactivate.__xonsh_threadable__ = False

    # The name to show: "prompt" of pyvenv.cfg, else the name of the folder.
    name = os.path.basename(root)
    for line in config:
        found = re.match(r"prompt\\s*=\\s*(.*)", line)
        if found:
            name = re.sub(r"^(['\\"])(.*)\\1$", r"\\2", found.group(1).strip())
    env["PATH"] = [Literal(scripts)] + before
    env["VIRTUAL_ENV"] = root
    env["VIRTUAL_ENV_PROMPT"] = re.sub("[\\x00-\\x1f\\x7f]", "?", name)
    if "PYTHONHOME" in env:
        del env["PYTHONHOME"]
    # xonsh takes every variable whose name ends in PATH for a list of folders.
    env["PKG_CONFIG_PATH"] = [Literal(os.path.join(root, "lib", "pkgconfig"))] + list(getattr(saved.get("PKG_CONFIG_PATH"), "_l", []))
    shell["_pen_deactivate"] = deactivate
    XSH.aliases["deactivate"] = deactivate
    return True


_pen_ready = _pen_activate(__file__, __name__, globals())
del _pen_activate
if not _pen_ready:
    del _pen_ready
    /bin/sh -c "exit 1"
else:
    del _pen_ready
`;
