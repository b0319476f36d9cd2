/** The text of launchers for names that are known to be good. Apart from launchers.ts, because every new environment has one and none of them needs a check. */

export const firstLine = "#!/bin/sh\n";
export const opening = "''':'\n# sh reads these lines and Python skips them: the python beside this file runs it.\n";

/**
 * The part of a launcher that `/bin/sh` reads and Python skips, because it is the inside of a string. It finds the folder it
 * stands in by its own name, so the text is the same in every environment and goes on working when the environment is moved.
 * Only a launcher that is reached through a symbolic link costs a process (`readlink`). `$0` lacks a slash only when somebody
 * types `sh name`, and `./` keeps a name that begins with `-` from being an option. No backslash but `\n` may stand in it.
 */
export function shellPart(options: string): string {
  return `${opening}case $0 in /*) _pen_self=$0 ;; *) _pen_self=./$0 ;; esac
_pen_file=$_pen_self
while [ -h "$_pen_file" ]; do
  _pen_link=$(readlink "$_pen_file"; printf .)
  _pen_link=\${_pen_link%??}
  case $_pen_link in /*) _pen_file=$_pen_link ;; *) _pen_file=\${_pen_file%/*}/$_pen_link ;; esac
done
if [ ! -x "\${_pen_file%/*}/python" ]; then
  printf "%s: the Python of this environment is missing: %s/python\\n" "$_pen_self" "\${_pen_file%/*}" >&2
  printf "Make the environment again, for example with: pen venv --clear\\n" >&2
  exit 127
fi
exec "\${_pen_file%/*}/python"${options} "$_pen_self" "$@"
'''`;
}

/** As `entryPointLauncher`, of a module and an attribute that are known to be dotted Python names. */
export function launcherText(entryPoint: { readonly module: string; readonly attribute: string }): string {
  return `${firstLine}${shellPart("")}\n${scriptText(entryPoint)}`;
}

/** The script in Python that such a launcher runs. */
export function scriptText({ module, attribute }: { readonly module: string; readonly attribute: string }): string {
  const [first = ""] = attribute.split(".");
  return `import sys
from ${module} import ${first}
if __name__ == "__main__":
    for ending in ("-script.pyw", ".exe"):
        if sys.argv[0].endswith(ending):
            sys.argv[0] = sys.argv[0][: -len(ending)]
            break
    sys.exit(${attribute}())
`;
}
