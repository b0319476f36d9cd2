import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHost, type PenEvent } from "#foundation";
import { withDotenv } from "./dotenv.ts";

function project(dotenv: string | undefined) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "pen-dotenv-")));
  writeFileSync(join(root, "Pipfile"), "");
  mkdirSync(join(root, "deep/er"), { recursive: true });
  if (dotenv !== undefined) writeFileSync(join(root, ".env"), dotenv);
  const events: PenEvent[] = [];
  const onEvent = (event: PenEvent): void => void events.push(event);
  const load = (env: Record<string, string> = {}, cwd = root) =>
    withDotenv({ host: readHost({ env: { HOME: root, ...env }, cwd }), onEvent });
  const told = (): string[] => events.flatMap((event) => (event.type === "log" ? [event.message.replaceAll(root, "~")] : []));
  return { root, load, told };
}

test("the project's .env file goes over the machine's variables, from any folder in it, and is told of once", () => {
  const { root, load, told } = project('A="${A}/b"\nB=${C:-d}\nPEN_CACHE_DIR=/elsewhere\nXDG_CACHE_HOME=/elsewhere\n=bad\n');
  const first = load({ A: "a" }, join(root, "deep/er"));
  expect(first.host.env).toEqual({ HOME: root, A: "a/b", B: "d", XDG_CACHE_HOME: "/elsewhere" });
  expect(first.cacheFolder).toBe(join(root, ".cache/pen"));
  expect(load({ A: "a" }).host.env["A"]).toBe("a/b");
  expect(told()).toEqual([
    "~/.env line 5 is not understood and was passed over",
    "PEN_CACHE_DIR in ~/.env is passed over: a project does not set pen's own variables",
    "Loading .env environment variables...",
  ]);
});

test("it is left alone when a variable says so, and nothing is said where there is none", () => {
  for (const env of [{ PIPENV_DONT_LOAD_ENV: "1" }, { PYTHON_DOTENV_DISABLED: "True" }]) {
    const { load, told } = project("A=1\n");
    expect(load(env).host.env["A"]).toBeUndefined();
    expect(told()).toEqual([]);
  }
  const { load, told } = project(undefined);
  expect(load().host.env["A"]).toBeUndefined();
  expect(told()).toEqual([]);
});

test("PIPENV_DOTENV_LOCATION names another", () => {
  const { root, load, told } = project("A=1\n");
  writeFileSync(join(root, "other"), "A=2\n");
  expect(load({ PIPENV_DOTENV_LOCATION: "../other" }, join(root, "deep")).host.env["A"]).toBe("2");
  expect(load({ PIPENV_DOTENV_LOCATION: "other" }, join(root, "deep")).host.env["A"]).toBe("2");
  const missing = project("A=1\n");
  expect(missing.load({ PIPENV_DOTENV_LOCATION: "nowhere" }).host.env["A"]).toBeUndefined();
  expect(missing.told()).toEqual(["PIPENV_DOTENV_LOCATION names no file: nowhere. No variables were loaded."]);
  expect(told()).toEqual(["Loading .env environment variables..."]);
});

test("inside `pipenv run` nothing is said again", () => {
  const { load, told } = project("A=1\n");
  expect(load({ PIPENV_ACTIVE: "1" }).host.env["A"]).toBe("1");
  expect(told()).toEqual([]);
});
