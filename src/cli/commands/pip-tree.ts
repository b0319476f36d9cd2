import { PenError, printableLine, type JsonValue } from "#foundation";
import { tree, type TreeNode } from "#operations";
import { normalizeName } from "#standards";
import { pythonOption } from "../arguments/common.ts";
import type { Colours, Command } from "../command.ts";

export const command: Command = {
  summary: "Draw who needs what",
  arguments: [],
  options: [
    { name: "invert", aliases: ["reverse"], kind: "flag", help: "Show who needs a package instead." },
    { name: "package", kind: "list", metavar: "NAME", help: "Only the tree of this package." },
    { name: "depth", short: "d", kind: "value", metavar: "N", help: "Draw only so many levels." },
    pythonOption,
  ],
  examples: [
    ["pen pip tree", "everything, from what nobody else needs"],
    ["pen pip tree --invert --package markupsafe", "why is it here?"],
  ],
  async run(context) {
    const { parsed, terminal, colour } = context;
    const depthText = parsed.value("depth");
    if (depthText !== undefined && !/^\d+$/.test(depthText))
      throw new PenError("USAGE", "--depth takes a whole number", { hint: "Type for example: pen pip tree --depth 2" });
    const nodes = await tree({
      host: context.host,
      onEvent: context.emit,
      python: parsed.value("python"),
      invert: parsed.flag("invert"),
      packages: parsed.list("package").map(normalizeName),
      depth: depthText === undefined ? undefined : Number(depthText),
    });
    if (context.json) context.result(nodes.map(asJson));
    else terminal.out(nodes.map((node) => drawTree(node, colour)).join(""));
  },
};

function asJson(node: TreeNode): JsonValue {
  return {
    name: node.name,
    version: node.version ?? null,
    required: node.required,
    repeated: node.repeated,
    children: node.children.map(asJson),
  };
}

function drawTree(root: TreeNode, colour: Colours): string {
  const lines: string[] = [];
  const label = (node: TreeNode): string => {
    const version = node.version === undefined ? colour.red("not installed") : printableLine(`v${node.version}`);
    const required = node.required === "" ? "" : ` ${colour.dim(printableLine(`(${node.required})`))}`;
    return `${printableLine(node.name)} ${version}${required}${node.repeated ? colour.dim(" (shown above)") : ""}`;
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
