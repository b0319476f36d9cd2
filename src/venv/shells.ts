import { PenError, printableLine } from "#foundation";

/** The shells that pen has an activation script for, by the names of their programs. */
export const shellNames = [
  "sh",
  "dash",
  "bash",
  "zsh",
  "ksh",
  "mksh",
  "yash",
  "fish",
  "csh",
  "tcsh",
  "nu",
  "xonsh",
  "powershell",
  "cmd",
] as const;
export type ShellName = (typeof shellNames)[number];

const otherNames: Readonly<Record<string, ShellName>> = {
  busybox: "sh",
  pwsh: "powershell",
  nushell: "nu",
  "bsd-csh": "csh",
  ksh93: "ksh",
  ash: "sh",
};

/** The shell of a name or of the path of its program (`/usr/bin/zsh`, `-bash`). Undefined for one that pen does not know. */
export function shellNamed(text: string): ShellName | undefined {
  const name = text
    .replace(/^.*[/\\]/, "")
    .replace(/^-/, "")
    .replace(/\.exe$/i, "")
    .toLowerCase();
  return shellNames.find((one) => one === name) ?? (Object.hasOwn(otherNames, name) ? otherNames[name] : undefined);
}

/** The name of the activation script for a shell, in the environment's `bin`. */
export function activationFile(shell: ShellName): string {
  switch (shell) {
    case "fish":
      return "activate.fish";
    case "csh":
    case "tcsh":
      return "activate.csh";
    case "nu":
      return "activate.nu";
    case "xonsh":
      return "activate.xsh";
    case "powershell":
      return "activate.ps1";
    case "cmd":
      return "activate.bat";
    case "sh":
    case "dash":
    case "bash":
    case "zsh":
    case "ksh":
    case "mksh":
    case "yash":
      return "activate";
  }
}

/** The command that reads the script at `path` (absolute) into a shell; whatever is in the path stays a name. Throws TARGET_UNSUPPORTED where a shell has no way to write it. */
export function activationLine(shell: ShellName, path: string): string {
  switch (shell) {
    case "fish":
      return `source '${path.replace(/[\\']/g, "\\$&")}'`;
    case "csh":
    case "tcsh":
      if (path.includes("\n")) {
        throw new PenError("TARGET_UNSUPPORTED", `${shell} cannot take ${printableLine(path)} from a command`, {
          why: "There is a line break in the path, and csh makes a blank of each in what a command prints.",
          hint: "Rename the folder, or type `source` and the path yourself, with a backslash before the line break.",
        });
      }
      return `source '${path.replaceAll("'", `'\\''`).replaceAll("!", "\\!")}'`;
    case "nu":
      return `overlay use ${nuString(path)}`;
    case "xonsh":
      return `source @(${JSON.stringify(path)})`;
    case "powershell":
      // PowerShell takes typographic quotes for quotes as well.
      return `. '${path.replace(/['\u2018-\u201b]/g, "$&$&")}'`;
    case "cmd":
      return cmdLine(path);
    case "sh":
    case "dash":
    case "bash":
    case "zsh":
    case "ksh":
    case "mksh":
    case "yash":
      return `. '${path.replaceAll("'", `'\\''`)}'`;
  }
}

/** No name on Windows holds a quote or a control character. What a `for /f` puts in place of its variable is not expanded again, so nothing is doubled. */
function cmdLine(path: string): string {
  // oxlint-disable-next-line no-control-regex
  if (!/["\u0000-\u001f]/.test(path)) return `"${path}"`;
  throw new PenError("TARGET_UNSUPPORTED", `cmd cannot take ${printableLine(path)} from a command`, {
    why: "There is a quote or a control character in the path, which cmd has no way to write.",
    hint: "Rename the folder.",
    data: { path },
  });
}

/** A raw string of nushell, with as many signs around it as the text needs. */
function nuString(text: string): string {
  let signs = "#";
  while (text.includes(`'${signs}`)) signs += "#";
  return `r${signs}'${text}'${signs}`;
}
