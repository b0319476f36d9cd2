import { printableLine } from "#foundation";
import type { KnownEnvironment } from "#operations";
import type { Colours } from "../command.ts";
import { sizeText } from "./sizes.ts";
import { widthOf } from "./wrapping.ts";

const healthWords: Readonly<Record<KnownEnvironment["health"], string>> = {
  ok: "ok",
  gone: "its base Python is gone",
  changed: "its base Python is another version now",
  broken: "broken",
};

/** virtualenvwrapper's word for its folder is WORKON_HOME, and is shorter. */
const placeWords: Readonly<Record<KnownEnvironment["place"], string>> = {
  active: "active",
  project: "here",
  folder: "here",
  named: "named",
  virtualenvwrapper: "workon",
  pipenv: "pipenv",
  poetry: "poetry",
  hatch: "hatch",
  pdm: "pdm",
  uv: "uv",
  pipx: "pipx",
  pyenv: "pyenv",
  conda: "conda",
  pen: "pen",
  store: "pen",
};

/** Environments as people read them: a line of facts, and below it the path whole, so that it can be copied. */
export function drawEnvironments(environments: readonly KnownEnvironment[], { colour, now }: { colour: Colours; now: number }): string {
  const cells = environments.map((environment) => [
    shortName(environment.name),
    environment.python ?? "?",
    String(environment.packages),
    environment.size === null ? "" : sizeText(environment.size.own),
    environment.size === null ? "" : sizeText(environment.size.shared),
    environment.lastUsed === null ? "?" : ageText(now - Date.parse(environment.lastUsed)),
    placeWords[environment.place],
  ]);
  const titles = ["Environment", "Python", "Pkgs", "Own", "Shared", "Used", "Found"];
  const shown = titles.map((_, at) => cells.some((row) => row[at] !== ""));
  const widths = titles.map((title, at) => Math.max(widthOf(title), ...cells.map((row) => widthOf(row[at] ?? ""))));
  const line = (row: readonly string[]): string =>
    row
      .flatMap((cell, at) => (shown[at] === true ? [cell + " ".repeat(Math.max(0, (widths[at] ?? 0) - widthOf(cell)))] : []))
      .join("  ")
      .trimEnd();
  const rows = environments.flatMap((environment, at) => {
    const { health, path } = environment;
    const ill = health === "ok" ? [] : [colour.red(`  ! ${healthWords[health]}`)];
    return [line(cells[at] ?? []), colour.dim(`  ${printableLine(path)}`), ...ill];
  });
  return [colour.bold(line(titles)), ...rows, ""].join("\n");
}

function shortName(name: string): string {
  const all = Array.from(printableLine(name));
  return all.length > 18 ? `${all.slice(0, 17).join("")}…` : all.join("");
}

/** `3 days ago`, roughly. */
function ageText(milliseconds: number): string {
  const days = Math.floor(milliseconds / 86_400_000);
  if (days < 1) return "today";
  if (days < 60) return days === 1 ? "1 day" : `${days} days`;
  return days < 730 ? `${Math.floor(days / 30)} months` : `${Math.floor(days / 365)} years`;
}
