import { PenError, resolve } from "#foundation";
import { fileHashes } from "#operations";
import type { Command } from "../command.ts";

export const command: Command = {
  summary: "Hashes of files, for requirements",
  arguments: [{ name: "FILE", help: "Distribution files.", repeated: true }],
  options: [
    {
      name: "algorithm",
      short: "a",
      kind: "value",
      metavar: "ALGORITHM",
      choices: ["sha256", "sha384", "sha512"],
      help: "sha256 (default), sha384 or sha512.",
    },
  ],
  examples: [["pen pip hash flask-3.1.0-py3-none-any.whl", "the --hash to write beside flask==3.1.0"]],
  async run(context) {
    if (context.parsed.arguments.length === 0) {
      throw new PenError("NOTHING_NAMED", "No file was named to hash", {
        hint: "Type for example: pen pip hash flask-3.1.0-py3-none-any.whl",
      });
    }
    const algorithm = context.parsed.value("algorithm") ?? "sha256";
    const results = context.parsed.arguments.map((path) => ({
      path,
      algorithm,
      hash: fileHashes(resolve(context.host.cwd, path), [algorithm])[algorithm] ?? "",
    }));
    if (context.json) context.result(results);
    else if (context.quiet === 0) context.terminal.out(results.map(({ path, hash }) => `${path}:\n--hash=${algorithm}:${hash}\n`).join(""));
  },
};
