/** Where a thread of the program begins. What it loads, it loads when it is asked for the work. */
import { lookAtFiles, lookAtFilesWork, makeNames, makeNamesWork, serveThread } from "#foundation";

serveThread({
  [makeNamesWork]: makeNames,
  [lookAtFilesWork]: lookAtFiles,
  // The names are those of the rooms that ask for the work.
  "add-wheel": async (order: never, emit) => (await import("./unpacking-apart.ts")).addWheelApart(order, emit),
});
