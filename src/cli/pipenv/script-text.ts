import { printableLine } from "#foundation";
import type { ProjectReport } from "#operations";

type Scripts = ProjectReport["project"]["pipfile"]["scripts"];
type Script = Scripts extends ReadonlyMap<string, infer S> ? S : never;

/** A script of the Pipfile in one line. */
export function scriptText(script: Script): string {
  switch (script.kind) {
    case "shell":
      return printableLine(script.text);
    case "call":
      return `{call = "${printableLine(script.target)}"}`;
    case "sequence":
      return script.commands.map(printableLine).join(" && ");
  }
}
