/** Rows of the shell hook: what a prompt costs where nothing has changed. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { output, type Command } from "./measure.ts";
import type { Contender, Row, Turn } from "./row.ts";
import { remove } from "./scratch.ts";
import type { Workshop } from "./workshop.ts";

type Shell = "bash" | "zsh" | "fish";

const prompts = 1000;
/** A folder seven levels deep in which there is no project: the hook looks into each of them. */
const deep = "a/project/of/some/size/and/depth";

const options: Readonly<Record<Shell, readonly string[]>> = { bash: ["--norc"], zsh: ["-f"], fish: ["--no-config"] };

/** The same loop with and without the hook; `:` stands for what a prompt does anyway. */
function script(shell: Shell, hook: string): string {
  const [load, body] = hook === "" ? ["", ":"] : [`. '${hook}'`, "_pen_hook"];
  return shell === "fish"
    ? `${load}\nfor i in (seq ${prompts}); ${body}; end\n`
    : `${load}\nfor ((i = 0; i < ${prompts}; i++)); do ${body}; done\n`;
}

function prompting(workshop: Workshop, shell: Shell, { label, hooked }: { label: string; hooked: boolean }): Contender {
  const program = Bun.which(shell) ?? shell;
  const surroundings = workshop.surroundings("pen", "warm");
  const files = ({ place }: Turn) => ({ hook: join(place, "hook"), script: join(place, "script"), cwd: join(place, deep) });
  return {
    label,
    tool: hooked ? "pen" : "venv",
    surroundings,
    prepare: async (turn) => {
      const { hook, script: path, cwd } = files(turn);
      mkdirSync(cwd, { recursive: true });
      if (hooked) writeFileSync(hook, await output([workshop.peers.pen, "hook", shell], surroundings));
      writeFileSync(path, `cd '${cwd}'\n${script(shell, hooked ? hook : "")}`);
    },
    commands: (turn): readonly Command[] => [[program, ...options[shell], files(turn).script]],
    check: () => Promise.resolve(`${prompts} prompts`),
    clear: ({ place }) => remove(place),
  };
}

const shells: readonly Shell[] = ["bash", "zsh", "fish"];

/** A shell that is not installed has no row. */
export const hookRows: readonly Row[] = shells
  .filter((shell) => Bun.which(shell) !== null)
  .map((shell) => ({
    name: `hook-${shell}`,
    work: `${prompts} prompts in ${shell} with \`pen hook\`, against none`,
    state: `${shell} goes through ${prompts} prompts in a folder seven levels deep, where nothing changes: the difference divided by ${prompts} is what the hook costs at each. The limit asked for is 5 ms, which would be 5 s here.`,
    reference: "no hook",
    runs: 11,
    contenders: (workshop) => [
      prompting(workshop, shell, { label: "pen", hooked: true }),
      prompting(workshop, shell, { label: "no hook", hooked: false }),
    ],
  }));
