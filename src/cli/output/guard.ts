import { printableLine } from "#foundation";
import type { GuardChange, GuardedPython, GuardReport } from "#operations";
import type { Colours } from "../command.ts";

const actions: Readonly<Record<GuardChange["action"], string>> = {
  written: "wrote",
  restored: "restored",
  removed: "removed",
  kept: "left",
};

const reasons: Readonly<Record<GuardedPython["by"][number], string>> = {
  "require-virtualenv": "pip's configuration",
  "externally-managed": "its marker",
  "no-pip": "it has no pip",
};

/** What was changed, file by file. */
export function drawGuardChanges(changes: readonly GuardChange[]): string {
  return changes
    .map(({ action, path, why }) => ` ${actions[action]} ${printableLine(path)}${why === null ? "" : `: ${printableLine(why)}`}\n`)
    .join("");
}

/** Every Python outside environments with what its pip would do, and one line above it that says it all. */
export function drawGuard({ on, guarded, pythons, requiredBy }: GuardReport, colour: Colours): string {
  const open = pythons.filter(({ refused }) => !refused).length;
  const head = `The guard is ${colour.bold(on ? "on" : "off")}. `;
  const sum =
    pythons.length === 0
      ? "There is no Python here."
      : guarded
        ? "Every Python here refuses `pip install` outside environments."
        : `${open} of ${pythons.length} Pythons here would let \`pip install\` write into them.`;
  const lines = pythons.map((python) => {
    const word = python.refused ? colour.green("refuses") : colour.yellow("allows ");
    return ` ${word}  ${python.version.padEnd(8)}  ${printableLine(python.python)}${colour.dim(` (${reasonOf(python)})`)}`;
  });
  const source = requiredBy === null ? [] : [colour.dim(`pip's configuration: ${printableLine(requiredBy)}`)];
  return `${[head + sum, ...lines, ...source].join("\n")}\n`;
}

function reasonOf({ refused, by, pip, marker, noMarker }: GuardedPython): string {
  if (refused)
    return by.map((one) => (one === "externally-managed" && marker === "other" ? "a marker that is not pen's" : reasons[one])).join(", ");
  if (marker !== null) return `its pip ${printableLine(pip ?? "")} does not obey its marker`;
  return noMarker === null ? "no marker" : `no marker: ${noMarker}`;
}
