/** The public library against the operations behind it: a verb that the command line has is not forgotten there. */
import { expect, test } from "bun:test";
import * as foundation from "../src/foundation/index.ts";
import * as operations from "../src/operations/index.ts";
import * as library from "pen-env";
import * as discover from "pen-env/discover";

/** What only the command line needs, to draw its reports. */
const forDrawing = new Set(["describeInterpreter", "editableLocation", "fileHashes", "metadataFileText", "versionOf", "writtenName"]);

test("every verb of operations is in the library, and is the same function", () => {
  for (const [name, value] of Object.entries(operations)) {
    if (forDrawing.has(name)) expect(library).not.toHaveProperty(name);
    else expect({ [name]: (library as Record<string, unknown>)[name] }).toEqual({ [name]: value });
  }
});

test("the library has nothing else but errors and the host", () => {
  const others = Object.keys(library).filter((name) => !(name in operations));
  expect(others.toSorted()).toEqual(["PenError", "isPenError", "readHost"]);
  expect(library.PenError).toBe(foundation.PenError);
});

test("pen-env/discover is a part of it", () => {
  for (const [name, value] of Object.entries(discover)) expect((library as Record<string, unknown>)[name]).toBe(value);
});
