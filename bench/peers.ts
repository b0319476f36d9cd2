/** The tools that are compared: where they come from, their versions, and the command line of each for the same work. */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { output, type Command } from "./measure.ts";

export type ToolName = "pen" | "uv" | "virtualenv" | "pip" | "pipenv" | "venv";

export interface Peers {
  readonly pen: string;
  readonly uv: string;
  readonly virtualenv: string;
  readonly pip: string;
  readonly pipenv: string;
  /** CPython 3.11: the recorded wheels are for it. */
  readonly python: string;
  /** A CPython 3.12 or newer, where `--seed` of uv means pip alone, as it does in pen; without one the same as `python`. */
  readonly newerPython: string;
  readonly versions: Readonly<Record<ToolName | "Python" | "newer Python", string>>;
}

/** What a program needs from this machine to reach the network at all; nothing that changes what it does. */
export function networkVariables(): Record<string, string> {
  const names = ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "PIP_CERT", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];
  const known = [...names, ...names.map((name) => name.toLowerCase())].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "C.UTF-8", ...Object.fromEntries(known) };
}

/** Installs the peers from the public index below `folder`, unless they are there, and asks all tools for their versions. */
export async function installPeers(folder: string, { pen, python }: { pen: string; python: string | undefined }): Promise<Peers> {
  const python311 = await findPython(python === undefined ? ["python3.11"] : [python], "3.11");
  if (python311 === undefined) throw new Error("The recording is for CPython 3.11, and there is none on PATH. Name one with --python.");
  const bin = join(folder, "peers", "bin");
  if (!existsSync(join(bin, "pipenv"))) {
    mkdirSync(folder, { recursive: true });
    const home = { env: { ...networkVariables(), HOME: folder }, cwd: folder };
    await output([python311, "-m", "venv", "--clear", join(folder, "peers")], home);
    await output([join(bin, "python"), "-m", "pip", "install", "-q", "-U", "pip", "uv", "virtualenv", "pipenv"], home);
  }
  const newer = await findPython(
    "6543210".split("").map((digit) => `python3.1${digit}`),
    "3.12",
  );
  const tools = {
    pen,
    uv: join(bin, "uv"),
    virtualenv: join(bin, "virtualenv"),
    pip: join(bin, "pip"),
    pipenv: join(bin, "pipenv"),
    python: python311,
  };
  return { ...tools, newerPython: newer ?? python311, versions: await versionsOf(tools, newer ?? python311) };
}

async function versionsOf(tools: Omit<Peers, "newerPython" | "versions">, newer: string): Promise<Peers["versions"]> {
  const ask = async (...command: Command): Promise<string> => {
    const text = await output(command, { env: { PATH: "/usr/bin:/bin" }, cwd: "/" }).catch(() => "not there");
    return /\d+\.\d+[\w.]*/.exec(text)?.[0] ?? text.trim();
  };
  const python = await ask(tools.python, "--version");
  return {
    pen: await ask(tools.pen, "--version"),
    uv: await ask(tools.uv, "--version"),
    virtualenv: await ask(tools.virtualenv, "--version"),
    pip: await ask(tools.pip, "--version"),
    pipenv: await ask(tools.pipenv, "--version"),
    venv: python,
    Python: python,
    "newer Python": await ask(newer, "--version"),
  };
}

/** The real path of the first of these commands that is CPython of `version`, or newer where that is not 3.11. */
async function findPython(commands: readonly string[], version: string): Promise<string | undefined> {
  const pyenv = join(homedir(), ".pyenv", "versions");
  const installed = existsSync(pyenv) ? readdirSync(pyenv).map((name) => join(pyenv, name, "bin")) : [];
  const asked = "import sys; print(*sys.version_info[:2], sys.implementation.name, sys.prefix == sys.base_prefix, sys.executable)";
  for (const command of commands) {
    for (const place of [command, ...(command.includes("/") ? [] : installed.map((bin) => join(bin, command)).filter(existsSync))]) {
      const surroundings = { env: { PATH: process.env["PATH"] ?? "", HOME: homedir() }, cwd: "/" };
      const answer = await output([place, "-I", "-c", asked], surroundings).catch(() => "");
      const [major, minor, name, isBase, ...path] = answer.trim().split(" ");
      const fits = version === "3.11" ? minor === "11" : Number(minor) >= 12;
      if (major === "3" && fits && name === "cpython" && isBase === "True") return path.join(" ");
    }
  }
  return undefined;
}

export interface SyncWork {
  readonly environment: string;
  readonly requirements: string;
  readonly linkMode?: "hardlink" | "symlink";
}

export interface CompileWork {
  readonly input: string;
  readonly output: string;
  readonly offline: boolean;
  /** With the hashes of all files. */
  readonly hashes?: boolean;
}

/** The command lines of the two tools that can do everything. */
export interface Lines {
  venv(folder: string, options?: { python?: string; seed?: boolean }): Command;
  sync(work: SyncWork): Command;
  compile(work: CompileWork): Command;
}

export function linesOf(tool: "pen" | "uv", peers: Peers, indexUrl: string): Lines {
  const { pen, uv, python: standard } = peers;
  const mode = (linkMode: string | undefined): string[] => (linkMode === undefined ? [] : ["--link-mode", linkMode]);
  const choices = (work: CompileWork): string[] => [
    ...(work.offline ? ["--offline"] : []),
    ...(work.hashes === true ? ["--generate-hashes"] : []),
  ];
  if (tool === "uv") {
    const index = ["--default-index", indexUrl];
    return {
      venv: (folder, { python = standard, seed = false } = {}) => [uv, "venv", "-p", python, ...(seed ? ["--seed", ...index] : []), folder],
      sync: ({ environment, requirements, linkMode }) => [
        uv,
        "pip",
        "sync",
        "--python",
        environment,
        ...index,
        ...mode(linkMode),
        requirements,
      ],
      compile: (work) => [uv, "pip", "compile", "--python", standard, ...index, ...choices(work), work.input, "-o", work.output],
    };
  }
  const index = ["--index-url", indexUrl];
  return {
    venv: (folder, { python = standard, seed = false } = {}) => [
      pen,
      "venv",
      "-p",
      python,
      ...(seed ? [...seeds(peers, python), ...index] : ["--no-seed"]),
      folder,
    ],
    sync: ({ environment, requirements, linkMode }) => [
      pen,
      "pip",
      "sync",
      "--python",
      environment,
      ...index,
      ...mode(linkMode),
      requirements,
    ],
    compile: (work) => [pen, "pip", "compile", "--python", standard, ...index, ...choices(work), work.input, "-o", work.output],
  };
}

/** For a Python before 3.12 uv's `--seed` also means setuptools and wheel; then pen is told to put in the same. */
function seeds({ newerPython, python }: Peers, chosen: string): string[] {
  return chosen === python && newerPython === python ? ["--seed", "setuptools", "--seed", "wheel"] : [];
}
