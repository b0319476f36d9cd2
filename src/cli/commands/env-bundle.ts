import { PenError, printableLine } from "#foundation";
import { bundleEnvironment } from "#operations";
import type { Command } from "../command.ts";
import { sizeText } from "../output/sizes.ts";
import { wrap } from "../output/wrapping.ts";

export const command: Command = {
  summary: "Pack an environment up with its whole Python",
  description:
    "One folder, or an archive of one, that runs wherever it is put on a machine of the same platform, without Python installed: start bin/python or a script in bin. Libraries of this system that not every machine has (OpenSSL, SQLite, …) come along; what is still needed is told. The copy is started and looked at before it is handed over. With SOURCE_DATE_EPOCH set, no time in the archive is later.",
  arguments: [{ name: "ENV", help: "A path, or the name of an environment; default .venv." }],
  options: [
    {
      name: "out",
      short: "o",
      kind: "value",
      metavar: "PLACE",
      help: "app.tar.zst, app.tar.gz, app.tar, or a folder; nothing stands there yet.",
    },
    { name: "slim", kind: "flag", help: "Without the tests of the standard library, idlelib, ensurepip, headers and static libraries." },
    { name: "force", kind: "flag", help: "Replace an archive that stands there." },
  ],
  examples: [
    ["pen env bundle .venv --out app.tar.zst", "an archive for another machine"],
    ["pen env bundle .venv --out dist/app --slim", "a folder, as small as can be"],
  ],
  async run(context) {
    const { parsed, terminal, colour } = context;
    const out = parsed.value("out");
    if (out === undefined) {
      throw new PenError("USAGE", "pen env bundle needs to know where to put the bundle", {
        hint: "Type for example: pen env bundle .venv --out app.tar.zst",
      });
    }
    const { packages, needs, foreignScripts, ...report } = await bundleEnvironment({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      environment: parsed.arguments[0] ?? ".venv",
      out,
      slim: parsed.flag("slim"),
      force: parsed.flag("force"),
    });
    if (context.json) {
      const { glibc, libraries } = needs;
      context.result({
        ...report,
        packages: packages.map((one) => ({ ...one })),
        needs: { glibc: glibc ?? null, libraries: libraries.map(({ name, usedBy }) => ({ name, usedBy: [...usedBy] })) },
        foreignScripts: [...foreignScripts],
      });
      return;
    }
    if (context.quiet > 0) return;
    const count = `${packages.length} package${packages.length === 1 ? "" : "s"}`;
    terminal.out(
      `Packed ${colour.bold(printableLine(report.bundle))}: Python ${report.python} with ${count}, ${report.files} files, ${sizeText(report.size)}.\n`,
    );
    for (const name of foreignScripts)
      terminal.out(` ${colour.yellow("!")} bin/${printableLine(name)} starts another Python, and will not run where that is missing.\n`);
    for (const line of neededLines(report.platform, needs)) terminal.out(`${colour.dim(line)}\n`);
  },
};

/** What the other machine must have: first what nothing starts without, then what single modules need. */
function neededLines(platform: string, { glibc, libraries }: Awaited<ReturnType<typeof bundleEnvironment>>["needs"]): string[] {
  const isBasic = (usedBy: readonly string[]): boolean => usedBy.some((path) => !path.startsWith("lib/py"));
  const basic = libraries.filter(({ usedBy }) => isBasic(usedBy)).map(({ name }) => name);
  const least = glibc === undefined ? [] : [`glibc ${glibc} or newer`];
  const modules = libraries.flatMap(({ name, usedBy }) =>
    isBasic(usedBy) ? [] : [`${name} (${usedBy.slice(0, 3).map(moduleName).join(", ")})`],
  );
  return [
    ...wrap(`It needs of the other machine: ${[platform, ...least, ...basic].join(", ")}.`, 0),
    ...(modules.length === 0 ? [] : wrap(`Only for single modules: ${modules.map(printableLine).join(", ")}.`, 0)),
  ];
}

/** `_ssl` for `lib/python3.12/lib-dynload/_ssl.cpython-312-x86_64-linux-gnu.so`. */
const moduleName = (path: string): string => path.slice(path.lastIndexOf("/") + 1).replace(/\..*$/, "");
