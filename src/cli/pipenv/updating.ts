import { PenError } from "#foundation";
import type { CommandContext } from "../command.ts";

/** `update` and `upgrade` move what is there; what they would add is better added by `install`. */
export function refuseAdding({ parsed }: CommandContext): void {
  const first = parsed.list("editable").length > 0 ? "editable" : parsed.value("requirements") === undefined ? undefined : "requirements";
  if (first === undefined) return;
  throw new PenError("USAGE", `--${first} adds to the project, which this command does not`, {
    hint: `Add it first: pen pipenv install --${first} …`,
  });
}
