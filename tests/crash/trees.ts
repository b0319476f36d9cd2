/** What stands in an environment and in a store, and whether it is whole. */
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** What stands at a path: `folder`, or the digest of the content that is seen there, with `x` when it can be run. */
export type Tree = ReadonlyMap<string, string>;

/** Everything that is seen in an environment, links to folders followed; without pen's lock and what Python compiled. */
export function treeOf(environment: string): Tree {
  const tree = new Map<string, string>();
  const walk = (folder: string): void => {
    for (const { name } of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, name);
      const key = relative(environment, path);
      if (name === "__pycache__" || key === ".pen" || key === ".pen/lock" || key === "lib64" || key.startsWith("bin/python")) continue;
      // A journal that was not opened yet: the next transaction sweeps it up.
      if (key.startsWith(".pen/.pen-tmp-")) continue;
      const status = lstatSync(path);
      const link = status.isSymbolicLink() ? `-> ${dirname(readlinkSync(path))} ` : "";
      const seen = status.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : status;
      if (seen === undefined) tree.set(key, "dangling");
      else if (seen.isDirectory()) {
        tree.set(key, `${link}folder`);
        walk(path);
      } else tree.set(key, `${link}${contentOf(key, path)}${(seen.mode & 0o100) === 0 ? "" : " x"}`);
    }
  };
  walk(environment);
  return tree;
}

/** The list of linked packages has no order. */
function contentOf(key: string, path: string): string {
  const bytes = readFileSync(path);
  if (key !== ".pen/linked.json") return sha256(bytes);
  const list = JSON.parse(bytes.toString()) as Record<string, { paths: string[] }>;
  return sha256(
    JSON.stringify(
      Object.entries(list)
        .map(([name, { paths }]) => [name, [...paths].sort()] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  );
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("base64url");
}

/** One text for a whole tree. */
export function digestOf(tree: Tree): string {
  return sha256(
    [...tree]
      .map(([path, what]) => `${path}\0${what}`)
      .sort()
      .join("\n"),
  );
}

/** The paths that differ, at most ten. */
export function difference(a: Tree, b: Tree): string[] {
  const paths = [...new Set([...a.keys(), ...b.keys()])].filter((path) => a.get(path) !== b.get(path));
  return paths
    .sort()
    .slice(0, 10)
    .map((path) => `${path}: ${a.get(path) ?? "absent"} | ${b.get(path) ?? "absent"}`);
}

/** Every file of every RECORD is there with its hash, and nothing else is there than in `empty`, an environment without packages. */
export function faultsOf(environment: string, empty: Tree): string[] {
  const tree = treeOf(environment);
  const faults: string[] = [];
  const owned = new Set([...empty.keys(), ".pen", ".pen/linked.json"]);
  for (const [recordPath, rows] of recordsOf(environment, tree)) {
    const library = dirname(dirname(recordPath));
    owned.add(recordPath);
    for (const [path, hash] of rows) {
      const place = join(library, path);
      owned.add(place);
      const found = tree
        .get(place)
        ?.replace(/^-> .* /, "")
        .replace(/ x$/, "");
      if (found === undefined) faults.push(`${recordPath} lists ${path}, which is missing`);
      else if (hash !== "" && hash !== found) faults.push(`${recordPath}: ${path} has another content`);
    }
  }
  for (const [path, what] of tree) {
    if (owned.has(path) || what.endsWith("folder") || path.endsWith("00_linked_packages.pth")) continue;
    faults.push(`${path} belongs to nobody`);
  }
  return faults.slice(0, 10);
}

/** RECORD by its place in the tree, with its rows. Of linked packages it stands in the store. */
function recordsOf(environment: string, tree: Tree): Array<readonly [string, ReadonlyArray<readonly [path: string, hash: string]>]> {
  const linkedList = join(environment, ".pen", "linked.json");
  const linked = existsSync(linkedList)
    ? (JSON.parse(readFileSync(linkedList, "utf8")) as Record<string, { record: string; paths: string[] }>)
    : {};
  const infos = [...tree.keys()].filter((path) => path.endsWith(".dist-info"));
  return infos.map((info) => {
    const isLinked = info.includes("linked-packages/");
    const record = isLinked ? (linked[info.slice(info.lastIndexOf("/") + 1)]?.record ?? "") : join(environment, info, "RECORD");
    const rows = existsSync(record) ? parseRows(readFileSync(record, "utf8")) : [["RECORD", "missing"] as const];
    // Scripts and .pth files of a linked package are files of the environment; the list names them all.
    if (!isLinked) return [`${info}/RECORD`, rows] as const;
    const listed = (linked[info.slice(info.lastIndexOf("/") + 1)]?.paths ?? []).map((path) => [relative(dirname(info), path), ""] as const);
    const own = ["REQUESTED", "direct_url.json"].map((name) => `${info}/${name}`).filter((path) => tree.has(path));
    for (const path of own) listed.push([relative(dirname(info), path), ""] as const);
    const inside = rows.filter(([path]) => !path.startsWith("../") && !path.endsWith("RECORD") && !path.endsWith(".pth"));
    return [`${info}/RECORD`, [...inside, ...listed]] as const;
  });
}

function parseRows(text: string): Array<readonly [string, string]> {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [path = "", hash = ""] = line.split(",");
      return [path, hash.replace("sha256=", "")] as const;
    });
}

/** Digest of all files of a store's wheels with their modes, without pen's own notes beside them; without the manifests, which hold times, to compare two stores. */
export function storeDigest(cache: string, manifests = true, bytecode = true): string {
  const root = join(cache, "wheels", "v1");
  const lines: string[] = [];
  for (const entry of existsSync(root) ? readdirSync(root, { withFileTypes: true, recursive: true }) : []) {
    const path = join(entry.parentPath, entry.name);
    const key = relative(root, path);
    if (!/^[0-9a-f]{2}\/[0-9a-f]{64}\/([^/]+\/|RECORD$|manifest.json$)/.test(key) || entry.isDirectory()) continue;
    if ((!manifests && entry.name === "manifest.json") || (!bytecode && key.includes("/__pycache__/"))) continue;
    lines.push(`${key} ${lstatSync(path).mode.toString(8)} ${sha256(readFileSync(path))}`);
  }
  return sha256(lines.sort().join("\n"));
}

/** What a killed command may leave in a cache and `pen cache prune` takes away. */
export function leftoversIn(cache: string): string[] {
  const growing = join(cache, "wheels", "v1", "growing");
  return [...readdirSync(cache).filter((name) => name.startsWith(".pen-tmp-")), ...(existsSync(growing) ? readdirSync(growing) : [])];
}
