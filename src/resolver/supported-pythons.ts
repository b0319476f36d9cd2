import { andMarkers, pythonMarker, parseMarker, type Marker, type Specifier, type SpecifierSet } from "#standards";

const known = new WeakMap<SpecifierSet, Marker>();
const real = new WeakMap<SpecifierSet, Marker>();

/**
 * Requires-Python as a marker. A pre-release of a Python counts as that Python, as it does for a single interpreter: `>=3.11` becomes
 * `python_version >= '3.11'`, which 3.11.0rc1 fulfils.
 */
export function supportedPythons(specifiers: SpecifierSet): Marker {
  let marker = known.get(specifiers);
  if (marker === undefined) known.set(specifiers, (marker = andMarkers(...specifiers.specifiers.map(clauseMarker))));
  return marker;
}

/**
 * Where a version may be used, for splitting: bounds at Python 4 and beyond are left out. Packages write `<4` to be careful, not because
 * they know of it; a lock that split there would have parts for Pythons that nobody has.
 */
export function realPythons(specifiers: SpecifierSet): Marker {
  let marker = real.get(specifiers);
  if (marker === undefined) {
    const clauses = specifiers.specifiers.flatMap((specifier): Specifier[] => {
      const beyond = (specifier.parsed?.release[0] ?? 0) >= 4;
      if (beyond && (specifier.operator === "<" || specifier.operator === "<=")) return [];
      const wide = specifier.operator === "~=" && specifier.parsed?.release.length === 2 && specifier.parsed.release[0] === 3;
      return [wide ? { ...specifier, operator: ">=" } : specifier];
    });
    real.set(specifiers, (marker = andMarkers(...clauses.map(clauseMarker))));
  }
  return marker;
}

// python_version holds the first two numbers: with it a bound of two numbers is said without naming pre-releases.
function clauseMarker(specifier: Specifier): Marker {
  const release = specifier.parsed === undefined ? undefined : shortRelease(specifier);
  if (release === undefined) return pythonMarker({ specifiers: [specifier] });
  if (specifier.wildcard)
    return release.length === 2 && specifier.parsed?.release.length === 2
      ? minor(specifier.operator, release)
      : pythonMarker({ specifiers: [specifier] });
  switch (specifier.operator) {
    case ">=":
    case "<":
      return minor(specifier.operator, release);
    case "~=":
      return andMarkers(minor(">=", release), minor("<", [(release[0] ?? 0) + 1]));
    case "==":
    case "!=":
    case "<=":
    case ">":
    case "===":
      return pythonMarker({ specifiers: [specifier] });
  }
}

function minor(operator: string, release: readonly number[]): Marker {
  return parseMarker(`python_version ${operator} '${release.join(".")}'`);
}

/** The one or two numbers of a plain release; undefined for anything longer that does not end in zeros. */
function shortRelease(specifier: Specifier): readonly number[] | undefined {
  const version = specifier.parsed;
  if (version === undefined || version.epoch !== 0 || version.pre !== undefined || version.post !== undefined || version.dev !== undefined)
    return undefined;
  if (specifier.operator === "~=") return version.release.length === 2 ? version.release : undefined;
  return version.release.slice(2).every((number) => number === 0) ? version.release.slice(0, 2) : undefined;
}
