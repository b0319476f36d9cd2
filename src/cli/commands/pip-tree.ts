import { PenError, printableLine, type JsonValue } from "#foundation";
import { tree, type TreeNode } from "#operations";
import { normalizeName } from "#standards";
import { indexOptions, pythonOption } from "../arguments/common.ts";
import type { Colours, Command, CommandContext } from "../command.ts";
import { sizeText } from "../output/sizes.ts";
import { releaseOptions, releasesOf } from "./installing.ts";
import { pipIndexesOf, wantingOptions } from "./selecting.ts";

export const command: Command = {
  summary: "Draw who needs what",
  arguments: [],
  options: [
    { name: "invert", aliases: ["reverse"], kind: "flag", help: "Show who needs a package instead." },
    { name: "package", kind: "list", metavar: "NAME", help: "Only the tree of this package." },
    { name: "depth", short: "d", kind: "value", metavar: "N", help: "Draw only so many levels." },
    { name: "sizes", aliases: ["show-sizes"], kind: "flag", help: "Tell what each package takes on the disk." },
    { name: "outdated", short: "o", kind: "flag", help: "Tell of newer versions that the index has." },
    { name: "pre", kind: "flag", help: "Count pre-releases as newer versions." },
    ...releaseOptions,
    ...wantingOptions.filter(({ name }) => name === "refresh-package"),
    pythonOption,
    ...indexOptions,
  ],
  examples: [
    ["pen pip tree", "everything, from what nobody else needs"],
    ["pen pip tree --invert --package markupsafe", "why is it here?"],
  ],
  run: (context) => showTree(context, context.parsed.value("python")),
};

/** Prints the tree of the environment that `python` names; undefined: the nearest one. */
export async function showTree(context: CommandContext, python: string | undefined): Promise<void> {
  const { parsed, terminal, colour } = context;
  const depthText = parsed.value("depth");
  if (depthText !== undefined && !/^\d+$/.test(depthText))
    throw new PenError("USAGE", "--depth takes a whole number", { hint: "Type for example: pen pip tree --depth 2" });
  const nodes = await tree({
    host: context.host,
    onEvent: context.emit,
    python,
    invert: parsed.flag("invert"),
    packages: parsed.list("package").map(normalizeName),
    sizes: parsed.flag("sizes"),
    outdated: parsed.flag("outdated"),
    prereleases: releasesOf(parsed) === "allow",
    indexes: pipIndexesOf(parsed),
    depth: depthText === undefined ? undefined : Number(depthText),
  });
  if (context.json) context.result(nodes.map(asJson));
  else terminal.out(nodes.map((node) => drawTree(node, colour)).join(""));
}

function asJson(node: TreeNode): JsonValue {
  return {
    name: node.name,
    version: node.version ?? null,
    required: node.required,
    repeated: node.repeated,
    ...(node.size === undefined ? {} : { size: node.size }),
    ...(node.latest === undefined ? {} : { latest: node.latest }),
    children: node.children.map(asJson),
  };
}

function drawTree(root: TreeNode, colour: Colours): string {
  const lines: string[] = [];
  const label = (node: TreeNode): string => {
    const version = node.version === undefined ? colour.red("not installed") : printableLine(`v${node.version}`);
    const required = node.required === "" ? "" : ` ${colour.dim(printableLine(`(${node.required})`))}`;
    const size = node.size === undefined ? "" : ` ${colour.dim(sizeText(node.size))}`;
    const latest = node.latest === undefined ? "" : ` ${colour.yellow(printableLine(`(latest: v${node.latest})`))}`;
    return `${printableLine(node.name)} ${version}${required}${size}${latest}${node.repeated ? colour.dim(" (shown above)") : ""}`;
  };
  const walk = (node: TreeNode, prefix: string): void => {
    node.children.forEach((child, at) => {
      const last = at === node.children.length - 1;
      lines.push(`${prefix}${last ? "└── " : "├── "}${label(child)}`);
      walk(child, `${prefix}${last ? "    " : "│   "}`);
    });
  };
  lines.push(label(root));
  walk(root, "");
  return `${lines.join("\n")}\n`;
}
