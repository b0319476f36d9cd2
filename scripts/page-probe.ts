/**
 * Started as a compiled program of its own when pen is built: does what short commands do (reads, looks, makes files and links, loads a module), and tells which
 * pieces of itself are in memory then. In: the size of a piece in bytes, then ranges of addresses as `FROM-TO`. Out, as JSON: the numbers (address / size) of the
 * pieces of which a page is mapped. Asks /proc/self/pagemap (Linux, Documentation/admin-guide/mm/pagemap.rst: 8 bytes for each page, the highest bit
 * says present).
 */
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";

async function work(): Promise<void> {
  const folder = mkdtempSync("/tmp/pen-probe-");
  mkdirSync(`${folder}/lib`);
  writeFileSync(`${folder}/file`, JSON.stringify({ name: "probe", list: [1, "two"] }));
  linkSync(`${folder}/file`, `${folder}/link`);
  symlinkSync("file", `${folder}/symlink`);
  renameSync(`${folder}/link`, `${folder}/lib/link`);
  const read: unknown = JSON.parse(readFileSync(`${folder}/lib/link`, "utf8"));
  if (typeof read !== "object" || !lstatSync(`${folder}/symlink`).isSymbolicLink() || readdirSync(folder).length !== 3)
    process.exitCode = 1;
  rmSync(folder, { recursive: true });
  const { reportPages } = await import("./page-report.ts");
  reportPages(process.argv.slice(2));
}

await work();
