/** What a running operation tells its caller. The CLI draws these; `--json-lines` prints them as they are. */
export type PenEvent =
  | { readonly type: "phase"; readonly phase: Phase }
  | {
      readonly type: "progress";
      readonly phase: Phase;
      readonly id: string;
      readonly done: number;
      readonly total?: number;
      readonly unit: "bytes" | "items";
    }
  | {
      readonly type: "change";
      readonly action: "install" | "uninstall" | "upgrade" | "downgrade" | "reinstall";
      readonly name: string;
      readonly version: string;
      readonly previous?: string;
    }
  | { readonly type: "waiting"; readonly resource: string; readonly pid?: number }
  | { readonly type: "log"; readonly level: "debug" | "info" | "warning"; readonly code: string; readonly message: string };

export type Phase = "discover" | "resolve" | "download" | "build" | "unpack" | "install";

/** Receives events; must not throw. */
export type Emit = (event: PenEvent) => void;

/** The receiver for callers that want none. */
export const silent: Emit = () => {};

/** Emits a warning that a person should see. `code` is stable, kebab-case. */
export function warn(emit: Emit, code: string, message: string): void {
  emit({ type: "log", level: "warning", code, message });
}
