import type { Colours } from "../command.ts";

const paint =
  (open: number, close: number) =>
  (text: string): string =>
    `\u001b[${open}m${text}\u001b[${close}m`;
const plain = (text: string): string => text;

const painted: Colours = {
  bold: paint(1, 22),
  dim: paint(2, 22),
  red: paint(31, 39),
  green: paint(32, 39),
  yellow: paint(33, 39),
  cyan: paint(36, 39),
};
const bare: Colours = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain, cyan: plain };

export type ColourChoice = "auto" | "always" | "never";

/** `--color` wins, then `NO_COLOR` (any value), then `FORCE_COLOR`/`CLICOLOR_FORCE`, then whether a terminal reads it. */
export function chooseColours(choice: ColourChoice, env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): Colours {
  if (choice !== "auto") return choice === "always" ? painted : bare;
  if (env["NO_COLOR"]) return bare;
  if (env["FORCE_COLOR"] || env["CLICOLOR_FORCE"]) return painted;
  return isTerminal && env["TERM"] !== "dumb" ? painted : bare;
}
