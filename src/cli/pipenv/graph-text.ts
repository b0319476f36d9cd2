import type { JsonValue } from "#foundation";
import type { GraphNeed, GraphPackage } from "#operations";

/** Packages that every environment has; they are shown where something needs them. */
const usual: ReadonlySet<string> = new Set(["distribute", "pip", "pkg-resources", "setuptools", "wheel"]);

/** The graph as `pipenv graph --json` has it. */
export function graphJson(packages: readonly GraphPackage[], reverse: boolean): JsonValue {
  if (reverse) return reversedJson(packages);
  return packages
    .filter(({ key }) => !usual.has(key))
    .map(({ key, name, version, needs }) => ({
      package: { key, package_name: name, installed_version: version },
      dependencies: needs.map((need) => needJson(need)),
    }));
}

const needJson = ({ key, name, version, specifiers }: GraphNeed): Record<string, JsonValue> => ({
  key,
  package_name: name,
  installed_version: version ?? "?",
  required_version: specifiers === "" ? "Any" : specifiers,
});

function reversedJson(packages: readonly GraphPackage[]): JsonValue {
  return reversed(packages)
    .filter(({ key }) => !usual.has(key))
    .map(({ key, name, version, askers }) => ({
      package: {
        key,
        package_name: name,
        installed_version: version,
        required_version: askers[0] === undefined ? `==${version}` : askers[0].specifiers === "" ? "Any" : askers[0].specifiers,
      },
      dependencies: askers.map(({ from }) => ({ key: from.key, package_name: from.name, installed_version: from.version })),
    }));
}

interface Asker {
  readonly from: GraphPackage;
  readonly specifiers: string;
}

interface Reversed {
  readonly key: string;
  readonly name: string;
  readonly version: string;
  readonly askers: readonly Asker[];
}

function reversed(packages: readonly GraphPackage[]): Reversed[] {
  const askers = new Map<string, Asker[]>();
  for (const from of packages)
    for (const { key, specifiers } of from.needs) askers.set(key, [...(askers.get(key) ?? []), { from, specifiers }]);
  return packages.map(({ key, name, version }) => ({ key, name, version, askers: askers.get(key) ?? [] }));
}

/** What a node of the drawn tree is, whichever way it is read. */
interface Node {
  readonly key: string;
  readonly text: string;
  readonly json: Record<string, JsonValue>;
  children(): readonly Node[];
}

function forwardNode(byKey: ReadonlyMap<string, GraphPackage>, need: GraphNeed): Node {
  const version = need.version ?? "?";
  return {
    key: need.key,
    text: `${need.name} [required: ${need.specifiers === "" ? "Any" : need.specifiers}, installed: ${version}]`,
    json: needJson(need),
    children: () => (byKey.get(need.key)?.needs ?? []).map((one) => forwardNode(byKey, one)),
  };
}

function reverseNode(byKey: ReadonlyMap<string, Reversed>, asked: string, { from, specifiers }: Asker): Node {
  return {
    key: from.key,
    text: `${from.name}==${from.version} [requires: ${asked}${specifiers}]`,
    json: { key: from.key, package_name: from.name, installed_version: from.version, required_version: "Any" },
    children: () => (byKey.get(from.key)?.askers ?? []).map((one) => reverseNode(byKey, from.name, one)),
  };
}

/** The roots: what nothing needs; in a reversed graph, what needs nothing. */
function roots(packages: readonly GraphPackage[], reverse: boolean): Node[] {
  if (reverse) {
    const all = reversed(packages);
    const byKey = new Map(all.map((one) => [one.key, one]));
    const leaves = new Set(packages.filter(({ needs }) => needs.length === 0).map(({ key }) => key));
    return all
      .filter(({ key }) => leaves.has(key as GraphPackage["key"]))
      .map((one) => rootNode(one, () => one.askers.map((asker) => reverseNode(byKey, one.name, asker))));
  }
  const byKey = new Map(packages.map((one) => [one.key as string, one]));
  const needed = new Set(packages.flatMap(({ needs }) => needs.map(({ key }) => key)));
  return packages
    .filter(({ key }) => !needed.has(key))
    .map((one) => rootNode(one, () => one.needs.map((need) => forwardNode(byKey, need))));
}

function rootNode({ key, name, version }: Pick<Reversed, "key" | "name" | "version">, children: () => readonly Node[]): Node {
  return {
    key,
    text: `${name}==${version}`,
    json: { key, package_name: name, installed_version: version, required_version: version },
    children,
  };
}

/** The graph as `pipenv graph --json-tree` has it. */
export function graphTreeJson(packages: readonly GraphPackage[], reverse: boolean): JsonValue {
  const tree = (node: Node, above: readonly string[]): JsonValue => ({
    ...node.json,
    dependencies: below(node, above)
      .filter(({ key }) => !usual.has(key))
      .map((child) => tree(child, [...above, node.key])),
  });
  return roots(packages, reverse)
    .filter(({ key }) => !usual.has(key))
    .map((root) => tree(root, []));
}

/** The graph as lines for people. A root that every environment has is left out, unless `bare`. */
export function graphLines(
  packages: readonly GraphPackage[],
  { reverse, bare }: { readonly reverse: boolean; readonly bare: boolean },
): string[] {
  const lines: string[] = [];
  const draw = (node: Node, above: readonly string[], indent: string): void => {
    const children = below(node, above);
    children.forEach((child, at) => {
      const last = at === children.length - 1;
      lines.push(`${indent}${last ? "└── " : "├── "}${child.text}`);
      draw(child, [...above, node.key], `${indent}${last ? "    " : "│   "}`);
    });
  };
  for (const root of roots(packages, reverse)) {
    if (!bare && !reverse && usual.has(root.key)) continue;
    lines.push(root.text);
    draw(root, [], "");
  }
  return lines;
}

/** Circles end where they close. */
function below(node: Node, above: readonly string[]): readonly Node[] {
  return node.children().filter(({ key }) => key !== node.key && !above.includes(key));
}
