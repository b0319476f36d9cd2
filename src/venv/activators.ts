/** The activation scripts by the names that virtualenv has for them (`--activators`). */
export type ActivatorName = "bash" | "cshell" | "fish" | "nushell" | "powershell" | "python" | "xonsh";

const files: Readonly<Record<ActivatorName, string>> = {
  bash: "activate",
  cshell: "activate.csh",
  fish: "activate.fish",
  nushell: "activate.nu",
  powershell: "activate.ps1",
  python: "activate_this.py",
  xonsh: "activate.xsh",
};

/** The file in `bin` that an activator writes. `bash` is the script for every shell like sh. */
export function activatorFile(name: ActivatorName): string {
  return files[name];
}
