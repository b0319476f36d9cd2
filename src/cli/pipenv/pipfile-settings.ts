import { isPenError, printableLine, type Host } from "#foundation";
import { locateProject } from "#operations";

/** What the table `[pipenv]` of the Pipfile found from here sets, a line each. Errors: none; a Pipfile that cannot be read is the command's business. */
export async function pipfileSettings(host: Host): Promise<string[]> {
  try {
    const { project } = await locateProject({ host });
    const { path, settings } = project.pipfile;
    return Object.entries(settings).flatMap(([key, value]) =>
      value === undefined ? [] : [`${settingName(key)} is ${printableLine(String(value))} (from ${printableLine(path)}, [pipenv])`],
    );
  } catch (error) {
    if (isPenError(error)) return [];
    throw error;
  }
}

/** `allowPrereleases` is written `allow_prereleases`. */
const settingName = (key: string): string =>
  key === "coolDownDays" ? "cool-down-period in days" : key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
