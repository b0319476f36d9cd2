import { printableLine, redactUrl, type Emit, type Host } from "#foundation";
import type { OptionSpec } from "./arguments/types.ts";
import { variableName } from "./arguments/parse.ts";
import type { Command } from "./command.ts";

interface About {
  readonly command: Pick<Command, "forProjects">;
  readonly options: readonly OptionSpec[];
  readonly host: Host;
  readonly emit: Emit;
}

/** Variables without an option of the same meaning, and what each sets. */
const everywhere: ReadonlyArray<readonly [name: string, meaning: string]> = [["PEN_DATA_DIR", "pen's own data"]];
const onTheNetwork: ReadonlyArray<readonly [name: string, meaning: string]> = [
  ["HTTP_PROXY", "the proxy for http"],
  ["HTTPS_PROXY", "the proxy for https"],
  ["ALL_PROXY", "the proxy for all"],
  ["NO_PROXY", "what is asked without a proxy"],
  ["SSL_CERT_FILE", "the certificate authorities"],
  ["SSL_CERT_DIR", "the certificate authorities"],
  ["REQUESTS_CA_BUNDLE", "the certificate authorities"],
  ["NETRC", "the file with names and passwords"],
];
/** What the commands for projects take from the variables of `pen pip`, without an option of theirs. */
const onProjects: ReadonlyArray<readonly [name: string, meaning: string]> = [
  ["PEN_OFFLINE", "nothing is asked of the network"],
  ["PEN_EXCLUDE_NEWER", "files that are newer do not exist"],
];

/**
 * Tells where settings come from that are no option of the command (shown with `-v`): further variables, and for the commands for projects pipenv's variables and the
 * table `[pipenv]` of the Pipfile. Errors: none; a Pipfile that cannot be read is the command's business.
 */
export async function tellFurtherOrigins({ command, options, host, emit }: About): Promise<void> {
  const told = new Set(options.map(variableName));
  const asks = options.some((option) => option.name === "index-url" || option.name === "pypi-mirror");
  const say = (message: string): void => emit({ type: "log", level: "debug", code: "setting", message });
  const tell = (variable: string, meaning: string): void => {
    const value = host.env[variable] || (meaning.includes("prox") ? host.env[variable.toLowerCase()] : undefined);
    if (value && !told.has(variable)) say(`${meaning}: ${printableLine(redactUrl(value))} (from the variable ${variable})`);
  };
  for (const [variable, meaning] of [...everywhere, ...(asks ? onTheNetwork : [])]) tell(variable, meaning);
  if (command.forProjects !== true) return;
  for (const [variable, meaning] of onProjects) tell(variable, meaning);
  const { knownVariables } = await import("./pipenv/variables.ts");
  for (const [variable, meaning] of knownVariables) {
    if (!meaning.startsWith("(")) tell(variable, meaning);
    else if (host.env[variable] && !told.has(variable)) say(`${variable} changes nothing ${meaning}`);
  }
  const { pipfileSettings } = await import("./pipenv/pipfile-settings.ts");
  for (const line of await pipfileSettings(host)) say(line);
}
