import { archOf } from "./fit.ts";
import type { Interpreter, InterpreterSource } from "./types.ts";

/** An interpreter as `pen python list --json` shows it. The fields are stable. */
export interface InterpreterDescription {
  /** `cpython-3.13.0+freethreaded-linux-x86_64-gnu`; also understood as a request. */
  readonly key: string;
  readonly version: string;
  readonly implementation: Interpreter["implementation"];
  readonly path: string;
  readonly realPath: string;
  readonly source: InterpreterSource;
  readonly arch: string;
  readonly freeThreaded: boolean;
  readonly isVirtualEnvironment: boolean;
  readonly externallyManaged: boolean;
}

/** What a listing shows of an interpreter, as plain JSON data. */
export function describeInterpreter(interpreter: Interpreter): InterpreterDescription {
  return {
    key: keyOf(interpreter),
    version: interpreter.version,
    implementation: interpreter.implementation,
    path: interpreter.executable,
    realPath: interpreter.realExecutable,
    source: interpreter.source,
    arch: archOf(interpreter),
    freeThreaded: interpreter.freeThreaded,
    isVirtualEnvironment: interpreter.isVirtualEnvironment,
    externallyManaged: interpreter.externallyManaged !== undefined,
  };
}

function keyOf(interpreter: Interpreter): string {
  const variant = `${interpreter.freeThreaded ? "+freethreaded" : ""}${interpreter.debug ? "+debug" : ""}`;
  const { platform } = interpreter.tagTarget;
  const libc = platform.os === "manylinux" ? "gnu" : platform.os === "musllinux" ? "musl" : "none";
  const systems: Readonly<Record<string, string>> = { darwin: "macos", win32: "windows" };
  const system = systems[interpreter.markers.sys_platform] ?? interpreter.markers.sys_platform;
  return `${interpreter.implementation}-${interpreter.version}${variant}-${system}-${archOf(interpreter)}-${libc}`;
}
