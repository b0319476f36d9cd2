import { lendWheels } from "#store";
import { lendChoices } from "../environments/seed-choices.ts";

/** Lets the cache `to` use the remembered seeds of the cache `from`, and the wheels that they name. */
export function lendSeeds(from: string, to: string): void {
  lendWheels(from, to, lendChoices(from, to));
}
