import { guardOn } from "#operations";
import type { Command } from "../command.ts";
import { drawGuard, drawGuardChanges } from "../output/guard.ts";
import { guardJson } from "./guard-report.ts";

export const command: Command = {
  summary: "Let pip refuse to install outside an environment",
  description:
    "For you, in every Python: require-virtualenv is set in your own configuration of pip, and the Pythons that are yours (owned by you, in your home folder or where pyenv, asdf, mise, uv or pen keep them) get the marker of PEP 668. The system's Pythons are not touched. Environments, and pen itself, work as before. `pen guard off` takes exactly that back. To let one command through: PIP_REQUIRE_VIRTUALENV=0 pip install --break-system-packages …. In a container image that is made for one program, or on a build server, leave the guard off or name an environment there.",
  arguments: [],
  options: [
    { name: "config", negation: "no-config", kind: "flag", help: "Set require-virtualenv in your configuration of pip (default)." },
    { name: "markers", negation: "no-markers", kind: "flag", help: "Put the marker into the Pythons that are yours (default)." },
  ],
  examples: [
    ["pen guard on", "never again a package in the wrong place"],
    ["pen guard on --no-markers", "only by pip's configuration"],
  ],
  async run(context) {
    const { parsed } = context;
    const report = await guardOn({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      config: parsed.flagIfGiven("config") !== false,
      markers: parsed.flagIfGiven("markers") !== false,
    });
    if (context.json) context.result(guardJson(report));
    else if (context.quiet === 0) {
      context.terminal.out(drawGuardChanges(report.changes));
      context.terminal.out(drawGuard(report, context.colour));
      context.terminal.out("Undo it: pen guard off\n");
    }
  },
};
