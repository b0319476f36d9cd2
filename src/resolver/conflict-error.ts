import { PenError, redactUrl, type JsonValue } from "#foundation";
import { compareVersions, isPrerelease, rangeContains } from "#standards";
import type { Failure } from "./attempt.ts";
import { explain } from "./explanation.ts";
import { sourcesOf, type Fact } from "./facts.ts";
import { askedText, listText } from "./wording.ts";
import type { Candidate } from "./types.ts";

/** The error for a failure: PACKAGE_NOT_FOUND when all that is wrong is a project that does not exist, else RESOLUTION_CONFLICT. */
export function conflictError(failure: Failure): PenError {
  const { text, tree, facts } = explain(failure);
  const told = facts.filter((fact) => !fact.trivial);
  const unknown = told.find((fact) => fact.kind === "unknown-package");
  const conflict = tree as unknown as JsonValue;
  if (
    unknown !== undefined &&
    told.every((fact) => fact.kind === "unknown-package" || fact.kind === "requirement" || fact.kind === "dependency")
  ) {
    const { name } = failure.solver.packages.get(unknown.first.subject);
    return new PenError("PACKAGE_NOT_FOUND", `There is no project named '${name}'`, {
      why: text,
      hint: "Check the spelling, and the index that it should be on (`--index-url`, `--extra-index-url`).",
      data: { name, conflict },
    });
  }
  const buildable = buildableIn(failure, told);
  return new PenError("RESOLUTION_CONFLICT", "No set of versions meets all requirements", {
    why: text,
    hint: suggestions(failure, told, buildable).join("\n"),
    data: { conflict, ...(buildable.size === 0 ? {} : { buildable: Object.fromEntries(buildable) }) },
  });
}

/** The projects of which a build would make a version usable that the conflict lacks, with the newest such version. */
function buildableIn(failure: Failure, told: readonly Fact[]): ReadonlyMap<string, string> {
  const newest = new Map<string, string>();
  for (const { candidate } of told.flatMap((fact) => passedOverBy(failure, fact))) {
    const { name, versionText, unusable } = candidate;
    if (unusable?.kind !== "no-wheel" || unusable.buildable !== true || newest.has(name)) continue;
    if (!wasNewerTried(failure, told, candidate)) newest.set(name, versionText);
  }
  return newest;
}

/** What a person can do about it, the likeliest first. */
function suggestions(failure: Failure, told: readonly Fact[], buildable: ReadonlyMap<string, string>): string[] {
  const lines: string[] = [];
  const passed = told.flatMap((fact) => passedOverBy(failure, fact));
  const refused = new Set(passed.map(({ candidate, why }) => (why === "unusable" ? (candidate.unusable?.kind ?? "unusable") : why)));
  // What lies below versions that were tried and did not fit is hardly the way out.
  const untried = passed.filter(({ candidate }) => !wasNewerTried(failure, told, candidate));
  const prerelease = untried.find((one) => one.why === "prerelease")?.candidate;
  if (prerelease !== undefined)
    lines.push(`Allow pre-releases (\`--pre\`), or ask for one: ${prerelease.name}>=${prerelease.versionText}.`);
  const yanked = untried.find((one) => one.why === "yanked")?.candidate;
  if (yanked !== undefined) lines.push(`A yanked version is taken only when it is pinned: ${yanked.name}==${yanked.versionText}.`);
  if (refused.has("python") || refused.has("requires-python") || told.some((fact) => fact.kind === "python"))
    lines.push("Use another Python (`--python`), one that these versions support.");
  for (const name of buildable.keys())
    lines.push(`Build ${name} from source, if you trust it: add --allow-build ${name}, or for all sources --allow-builds.`);
  lines.push(...wheelSuggestions(passed));
  if (refused.has("excluded-newer")) lines.push("Move the cut-off (`--exclude-newer`) to a later date.");
  const relax = relaxable(told);
  if (relax.length === 1) lines.push(`Relax or drop ${relax[0]}.`);
  if (relax.length > 1) lines.push(`Relax or drop one of: ${listText(relax, "or")}.`);
  if (told.some((fact) => fact.kind === "unasked-url")) lines.push("Name the URL as a requirement of your own, if you trust it.");
  if (lines.length === 0) lines.push("Look for versions of the packages above that fit together.");
  return lines;
}

/** What would bring a file that may be used: another machine helps only where a wheel for it is what is missing. */
function wheelSuggestions(passed: readonly PassedOverCandidate[]): string[] {
  const lacking = passed.flatMap(({ candidate: { name, unusable } }) => (unusable?.kind === "no-wheel" ? [{ name, ...unusable }] : []));
  const namesOf = (found: typeof lacking): string => listText([...new Set(found.map(({ name }) => name))], "and");
  const forbidden = lacking.filter(({ sort }) => sort === "forbidden" || sort === "forbidden-here");
  const withSource = lacking.filter(({ sourceForbidden }) => sourceForbidden === true);
  return [
    ...(withSource.length === 0 ? [] : [`Let sources be built for ${namesOf(withSource)}: change what --only-binary says.`]),
    ...(forbidden.length === 0 ? [] : [`Let wheels be used for ${namesOf(forbidden)}: change what --no-binary says.`]),
    ...(forbidden.length + withSource.filter(({ sort }) => sort === "source-only").length < lacking.length
      ? ["Use a Python and platform that there are wheels for."]
      : []),
  ];
}

/** True where the conflict speaks of what newer versions of the same project need. */
function wasNewerTried({ solver, problem }: Failure, told: readonly Fact[], { name, version }: Candidate): boolean {
  return told.some(
    (fact) =>
      fact.kind === "dependency" &&
      sourcesOf(fact).some(({ cause, terms: [dependant] }) => {
        if (cause.kind !== "dependency" || dependant === undefined || solver.packages.get(cause.dependant).name !== name) return false;
        return [...problem.answers.knownCandidates(name)].some(
          (other) => compareVersions(other.version, version) > 0 && rangeContains(dependant.range, other.version),
        );
      }),
  );
}

function relaxable(told: readonly Fact[]): string[] {
  const texts: string[] = [];
  for (const { first } of told) {
    const { cause } = first;
    if (
      cause.kind === "requirement" &&
      (cause.requirement.requirement.specifiers.specifiers.length > 0 || cause.requirement.requirement.url !== undefined)
    ) {
      texts.push(`'${askedText(cause.requirement)}' (${cause.origin})`);
    } else if (cause.kind === "constraint") texts.push(`the constraint '${redactUrl(cause.text)}'`);
    else if (cause.kind === "other-url" && cause.origin !== undefined) texts.push(`'${askedText(cause.requirement)}' (${cause.origin})`);
  }
  const unique = [...new Set(texts)];
  return unique.length <= 6 ? unique : [...unique.slice(0, 6), `${unique.length - 6} more`];
}

interface PassedOverCandidate {
  readonly candidate: Candidate;
  readonly why: "unusable" | "python" | "prerelease" | "yanked";
}

function passedOverBy(failure: Failure, fact: Fact): PassedOverCandidate[] {
  if (fact.kind !== "no-versions") return [];
  const { selection, answers } = failure.problem;
  return sourcesOf(fact).flatMap((source) => {
    const [term] = source.terms;
    if (term === undefined) return [];
    const { name } = failure.solver.packages.get(term.package);
    return [...answers.knownCandidates(name)]
      .filter((candidate) => rangeContains(term.range, candidate.version))
      .flatMap((candidate) => {
        const why = selection.passedOver(selection.of(name), candidate) ?? (isPrerelease(candidate.version) ? "prerelease" : undefined);
        return why === undefined ? [] : [{ candidate, why }];
      });
  });
}
