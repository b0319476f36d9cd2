import { runProcess, type Host, join } from "#foundation";

/** One Python that an installer entered into the Windows registry (PEP 514). */
export interface RegistryPython {
  /** `PythonCore`, `ContinuumAnalytics`. */
  readonly company: string;
  /** `3.12`, `3.12-32`. */
  readonly tag: string;
  readonly executable: string | undefined;
  readonly installFolder: string | undefined;
}

/** Where the entries come from: the real registry, or a test's own list. */
export interface RegistryPort {
  pythons(): Promise<readonly RegistryPython[]>;
}

/** The registry of this Windows machine, asked through its own `reg` program; empty when that fails. The user's entries come first. */
export function windowsRegistry(host: Host): RegistryPort {
  const program = join(host.env["SystemRoot"] ?? "C:\\Windows", "System32", "reg.exe");
  const queries = [
    ["HKCU\\Software\\Python", "/s"],
    ["HKLM\\Software\\Python", "/s", "/reg:64"],
    ["HKLM\\Software\\Python", "/s", "/reg:32"],
  ];
  return {
    pythons: async () => {
      const answers = await Promise.all(queries.map((query) => ask(program, ["query", ...query], host)));
      return answers.flatMap(parseRegistryText);
    },
  };
}

async function ask(program: string, args: readonly string[], host: Host): Promise<string> {
  try {
    const { status, stdout } = await runProcess(program, args, { env: host.env, timeoutMs: 5000, maxOutput: 4 * 1024 * 1024 });
    return status === 0 ? stdout : "";
  } catch {
    return "";
  }
}

/**
 * Reads what `reg query … /s` prints for a `Software\Python` key into the Pythons it lists, in order. The Windows launcher's own
 * entry is left out, as PEP 514 demands. The default value has a name in parentheses, in the system's language.
 */
export function parseRegistryText(text: string): RegistryPython[] {
  const found = new Map<string, { company: string; tag: string; executable: string | undefined; installFolder: string | undefined }>();
  let open: { executable: string | undefined; installFolder: string | undefined } | undefined;
  for (const line of text.split("\n")) {
    if (line.startsWith("HKEY_")) {
      const key = /\\Software\\(?:Wow6432Node\\)?Python\\([^\\]+)\\([^\\]+)\\InstallPath\s*$/i.exec(line);
      const [, company, tag] = key ?? [];
      open = undefined;
      if (company === undefined || tag === undefined || company.toLowerCase() === "pylauncher") continue;
      const entry = found.get(`${company}\\${tag}`) ?? { company, tag, executable: undefined, installFolder: undefined };
      found.set(`${company}\\${tag}`, entry);
      open = entry;
      continue;
    }
    const value = /^ {4}(\S.*?) {4}REG_(?:EXPAND_)?SZ {4}(.*?)\s*$/.exec(line);
    if (open === undefined || value === null || !value[2]) continue;
    if (value[1] === "ExecutablePath") open.executable = value[2];
    else if (value[1]?.startsWith("(")) open.installFolder = value[2];
  }
  return [...found.values()].filter((entry) => entry.executable !== undefined || entry.installFolder !== undefined);
}
