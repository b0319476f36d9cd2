import { readInstalled } from "#installer";
import { evaluateMarker, specifiersText, type NormalizedName } from "#standards";
import { openContext, type OperationOptions } from "../context.ts";
import { environmentDestination } from "../environment.ts";
import { writtenName } from "../packages/distributions.ts";
import { requirementsOf } from "../packages/list.ts";
import { openProjectEnvironment } from "./project-environment.ts";
import { openProject } from "./project.ts";

/** A package of an environment, and what it asks for there. */
export interface GraphPackage {
  readonly key: NormalizedName;
  /** As the package itself writes it. */
  readonly name: string;
  readonly version: string;
  /** Sorted by name. Only what its markers want in this environment; extras are not followed. */
  readonly needs: readonly GraphNeed[];
}

export interface GraphNeed {
  readonly key: NormalizedName;
  readonly name: string;
  /** Undefined when it is not installed. */
  readonly version: string | undefined;
  /** `>=2,<3`; empty for any. */
  readonly specifiers: string;
}

/** Who needs what in the environment of the project, by name. Starts no Python. Errors: `INVALID_PROJECT`, `ENV_NOT_FOUND`, `ENV_BROKEN`. */
export async function graphOfProject(options: OperationOptions = {}): Promise<GraphPackage[]> {
  const context = openContext(options);
  const environment = await openProjectEnvironment(context, openProject(options));
  const installed = readInstalled(environmentDestination(environment).target);
  const byName = new Map(installed.map((one) => [one.name, one]));
  const { markers } = environment.interpreter;
  const packages = installed.map((one): GraphPackage => {
    const asked = requirementsOf(one).filter(({ marker }) => marker === undefined || evaluateMarker(marker, markers));
    const needs = new Map<NormalizedName, GraphNeed>();
    for (const { name, rawName, specifiers } of asked) {
      const found = byName.get(name);
      needs.set(name, {
        key: name,
        name: found === undefined ? rawName : writtenName(found),
        version: found?.version,
        specifiers: sortedText(specifiersText(specifiers)),
      });
    }
    return { key: one.name, name: writtenName(one), version: one.version, needs: [...needs.values()].sort(byKey) };
  });
  return packages.sort(byKey);
}

const byKey = (a: { readonly key: string }, b: { readonly key: string }): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/** As the packaging library orders specifiers, which is how tools print them. */
const sortedText = (text: string): string => text.split(",").sort().reverse().join(",");
