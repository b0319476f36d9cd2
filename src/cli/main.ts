#!/usr/bin/env node
import { penVersion } from "../release.ts";

/** The commands that the program stands for when it is started under another tool's name. */
const namedModes: Readonly<Record<string, readonly string[]>> = {
  pip: ["pip"],
  pip3: ["pip"],
  pipenv: ["pipenv"],
  virtualenv: ["virtualenv"],
};

/** The last part of a path, without `.exe`. */
function startedAs(path: string): string {
  const below = path.slice(path.lastIndexOf("/") + 1);
  const name = below.slice(below.lastIndexOf("\\") + 1);
  return name.endsWith(".exe") ? name.slice(0, -4) : name;
}

async function main(): Promise<void> {
  const words = process.argv.slice(2);
  const name = startedAs(process.argv0);
  const mode = namedModes[name];
  // The quickest question gets its answer before anything is loaded.
  if (mode === undefined && words.length === 1 && (words[0] === "--version" || words[0] === "-V")) {
    console.log(`pen ${penVersion}`);
    return;
  }
  // Most of its command lines are plain ones.
  if (mode === undefined && words[0] === "venv") {
    const { runPlain } = await import("./plain.ts");
    const status = await runPlain(words.slice(1));
    if (status !== undefined) return void (process.exitCode = status);
  }
  const { processTerminal, runProgram } = await import("./program.ts");
  process.exitCode = await runProgram([...(mode ?? []), ...words], {
    terminal: processTerminal,
    calledAs: mode === undefined ? "pen" : name,
    modeWords: mode?.length ?? 0,
  });
}

void main();
