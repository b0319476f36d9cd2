import { PenError } from "#foundation";
import type { Command } from "../command.ts";

export const command: Command = {
  summary: "Refused: no index answers searches of this kind any more",
  arguments: [{ name: "QUERY", help: "What to look for.", repeated: true }],
  options: [{ name: "index", short: "i", kind: "value", metavar: "URL", help: "Where to ask." }],
  examples: [["pen pip index versions flask", "what an index has of a package whose name you know"]],
  run() {
    throw new PenError("NETWORK", "pen cannot search an index", {
      why: "The interface for it (XML-RPC) is switched off on the public index, and pip's own search fails there too.",
      hint: "Search on the website of the index; for a name that you know: pen pip index versions NAME",
    });
  },
};
