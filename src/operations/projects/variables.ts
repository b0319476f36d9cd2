import type { Host } from "#foundation";

const yes = new Set(["1", "true", "yes", "on"]);
const no = new Set(["0", "false", "no", "off"]);

/**
 * A `PIPENV_*` variable that says yes or no, by its name without `PIPENV_`; undefined when it is not set. `PIPENV_NO_X` says the contrary of `PIPENV_X`, which goes
 * before it. Any other text than the words for no means yes, an empty one no.
 */
export function pipenvFlag({ env }: Host, name: string): boolean | undefined {
  const said = truth(env[`PIPENV_${name}`]);
  if (said !== undefined) return said;
  const contrary = truth(env[`PIPENV_NO_${name}`]);
  return contrary === undefined ? undefined : !contrary;
}

function truth(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  const word = text.toLowerCase();
  return yes.has(word) || (text !== "" && !no.has(word));
}

/** The text of a `PIPENV_*` variable, by its name without `PIPENV_`; undefined when it is not set, empty, or a word for no. */
export function pipenvText({ env }: Host, name: string): string | undefined {
  const text = env[`PIPENV_${name}`];
  return text === undefined || text === "" || no.has(text.toLowerCase()) ? undefined : text;
}

/** True inside an environment that the person activated, which pipenv then takes for every project: `VIRTUAL_ENV`, unless pipenv itself set it or is told to ignore it. */
export function activeEnvironment(host: Host): string | undefined {
  const { VIRTUAL_ENV: root, PIPENV_ACTIVE: own } = host.env;
  return own === undefined && pipenvFlag(host, "IGNORE_VIRTUALENVS") !== true && root ? root : undefined;
}
