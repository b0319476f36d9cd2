import { printableLine, type JsonValue } from "#foundation";
import { upgradeEnvironment, type UpgradeEnvironmentOptions } from "#operations";
import type { CommandContext } from "../command.ts";
import { createdJson, placeText, seedText } from "./created.ts";

/** `pen venv --upgrade` in one place: does it, tells of it, and gives what `--json` tells. */
export async function upgrade(context: CommandContext, options: UpgradeEnvironmentOptions): Promise<{ [key: string]: JsonValue }> {
  const { parsed, terminal, colour } = context;
  const done = await upgradeEnvironment({
    ...options,
    ...(parsed.flag("system-site-packages") ? { systemSitePackages: true } : {}),
    ...(parsed.flag("copies") ? { copies: true } : parsed.flag("symlinks") ? { copies: false } : {}),
    upgradeSeeds: parsed.flag("upgrade-deps"),
  });
  const { environment, interpreter, changed, seeded, unseen } = done;
  if (!context.json && context.quiet === 0) {
    const place = colour.bold(printableLine(placeText(context, environment.root)));
    const name = interpreter.implementation === "cpython" ? "Python" : interpreter.implementation;
    const what = changed.length === 0 ? "leads" : "now leads";
    const tools = seeded.length === 0 ? "" : `, with ${seedText(seeded)}`;
    const right = changed.length === 0 && seeded.length === 0 ? " Nothing had to be changed." : "";
    terminal.out(`${place} ${what} to ${name} ${interpreter.version}, ${printableLine(interpreter.baseExecutable)}${tools}.${right}\n`);
  }
  return { ...createdJson(done), upgraded: { changed: [...changed], unseen: unseen === null ? null : { ...unseen } } };
}
