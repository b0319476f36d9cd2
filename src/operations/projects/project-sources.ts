import type { Host } from "#foundation";
import { defaultIndexUrl, type IndexRoutes } from "#index";
import { expandVariables, type PipfileSource } from "#project";
import type { IndexOptions, NamedIndex } from "../context.ts";
import type { Project } from "./project.ts";

/** What a caller says of fetching; which indexes there are is the Pipfile's business. */
export type FetchOptions = Omit<
  IndexOptions,
  "indexUrl" | "extraIndexUrls" | "noIndex" | "findLinks" | "indexStrategy" | "named" | "routes"
>;

/**
 * The sources of a project with their variables filled in, to open indexes with: never to be written or shown. `PIPENV_PYPI_MIRROR` stands in for
 * the public index. Errors: `INVALID_PROJECT` for a variable that is not set.
 */
export function sourceIndexes(sources: readonly PipfileSource[], host: Host): NamedIndex[] {
  const mirror = host.env["PIPENV_PYPI_MIRROR"];
  return sources.map(({ name, url, verifySsl }) => {
    const expanded = expandVariables(url, host.env);
    return { name, url: mirror && isPublicIndex(expanded) ? mirror : expanded, verifySsl };
  });
}

function isPublicIndex(url: string): boolean {
  return URL.canParse(url) && new URL(url).hostname === new URL(defaultIndexUrl).hostname;
}

/** The options to open a project's indexes with. What is younger than the cool-down period does not exist, to the hour: so an answer may be kept. */
export function projectIndexes(
  project: Project,
  host: Host,
  { routes, fetching }: { routes: IndexRoutes; fetching: FetchOptions },
): IndexOptions {
  const { coolDownDays } = project.pipfile.settings;
  const hour = 3_600_000;
  const cutOff = (days: number): string => new Date(Math.floor(host.now() / hour) * hour - days * 24 * hour).toISOString();
  return {
    ...fetching,
    ...(fetching.excludeNewer === undefined && coolDownDays !== undefined ? { excludeNewer: cutOff(coolDownDays) } : {}),
    named: sourceIndexes(project.sources, host),
    routes,
  };
}

/** The name of the source that listed a file, by the URL of the index without credentials. */
export function sourceOfIndex(named: readonly NamedIndex[], index: string | undefined): string | undefined {
  return named.find(({ url }) => index !== undefined && plainUrl(url) === plainUrl(index))?.name;
}

function plainUrl(text: string): string {
  if (!URL.canParse(text)) return text.replace(/\/+$/, "");
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}`;
}
