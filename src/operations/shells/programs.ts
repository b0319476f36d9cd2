import { isExecutableFile, isAbsolute, join, resolve } from "#foundation";

/** The program that a command means: a path as it is, a word in the first folder of the search path that has it. Undefined when there is none. */
export function findProgram(command: string, folders: readonly string[], cwd: string): string | undefined {
  if (command.includes("/")) {
    const path = isAbsolute(command) ? command : resolve(cwd, command);
    return isExecutableFile(path) ? path : undefined;
  }
  return folders.map((folder) => join(folder === "" ? cwd : folder, command)).find(isExecutableFile);
}
