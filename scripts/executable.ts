/** The words with which Bun builds the executable. In one place: what the tests run is what is released. */
export function executableArguments(outfile: string): string[] {
  return [
    "build",
    "src/cli/main.ts",
    "src/operations/thread.ts",
    "scripts/carried-modules.ts",
    "--compile",
    "--minify",
    "--bytecode",
    "--format=esm",
    // What a command does not need is neither loaded nor paid for at start.
    "--splitting",
    // Code that runs for milliseconds never pays back what compiling it costs; long work gets the usual policy back (`easeJit`).
    "--compile-jit-policy=100",
    // A bunfig.toml or .env in the folder that pen is started in belongs to a project and may be hostile: it must not steer pen.
    "--no-compile-autoload-bunfig",
    "--no-compile-autoload-dotenv",
    `--outfile=${outfile}`,
  ];
}
