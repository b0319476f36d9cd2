/** Where tools keep environments: their documented defaults, variables and configuration files, on Linux and macOS. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readHost, type Host } from "#foundation";
import { toolFolders } from "./tool-places.ts";

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "pen-tool-places-"));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const hostOf = (env: Record<string, string>, platform: Host["platform"] = "linux"): Host => ({
  ...readHost({ env: { HOME: home, ...env }, cwd: "/work", home }),
  platform,
});
/** The folders of one tool, those below the home from there on. */
const folders = (tool: string, env: Record<string, string> = {}, platform: Host["platform"] = "linux"): string[] =>
  toolFolders(hostOf(env, platform)).flatMap(([place, folder]) => (place === tool ? [folder.replace(`${home}/`, "~/")] : []));
const configured = <T>(path: string, text: string, look: () => T): T => {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  try {
    return look();
  } finally {
    rmSync(file);
  }
};

const support = "~/Library/Application Support";

describe("where tools keep environments", () => {
  test("by default, on Linux and macOS", () => {
    const table: ReadonlyArray<readonly [tool: string, linux: readonly string[], mac: readonly string[]]> = [
      ["virtualenvwrapper", ["~/.virtualenvs"], ["~/.virtualenvs"]],
      ["pipenv", ["~/.local/share/virtualenvs"], ["~/.local/share/virtualenvs"]],
      ["poetry", ["~/.cache/pypoetry/virtualenvs"], ["~/Library/Caches/pypoetry/virtualenvs"]],
      ["hatch", ["~/.local/share/hatch/env/virtual"], [`${support}/hatch/env/virtual`]],
      ["pdm", ["~/.local/share/pdm/venvs"], [`${support}/pdm/venvs`]],
      ["uv", ["~/.local/share/uv/tools", "~/.cache/uv/environments-v2"], ["~/.local/share/uv/tools", "~/.cache/uv/environments-v2"]],
      [
        "pipx",
        ["~/.local/share/pipx/venvs", "~/.local/pipx/venvs", "/opt/pipx/venvs"],
        ["~/.local/share/pipx/venvs", "~/.local/pipx/venvs", `${support}/pipx/venvs`, "/opt/pipx/venvs"],
      ],
    ];
    for (const [tool, linux, mac] of table)
      expect([tool, folders(tool), folders(tool, {}, "darwin")]).toEqual([tool, [...linux], [...mac]]);
  });
  test("by their variables; one that is no absolute path means nothing", () => {
    const table: ReadonlyArray<readonly [tool: string, env: Record<string, string>, found: string]> = [
      ["virtualenvwrapper", { WORKON_HOME: "/w" }, "/w"],
      ["pipenv", { XDG_DATA_HOME: "/d" }, "/d/virtualenvs"],
      ["poetry", { POETRY_VIRTUALENVS_PATH: "/p" }, "/p"],
      ["poetry", { POETRY_VIRTUALENVS_PATH: "{cache-dir}/here", POETRY_CACHE_DIR: "/c" }, "/c/here"],
      ["poetry", { POETRY_CACHE_DIR: "/c" }, "/c/virtualenvs"],
      ["poetry", { XDG_CACHE_HOME: "/x" }, "/x/pypoetry/virtualenvs"],
      ["hatch", { HATCH_DATA_DIR: "/h" }, "/h/env/virtual"],
      ["uv", { UV_TOOL_DIR: "/t" }, "/t"],
      ["uv", { UV_CACHE_DIR: "/u" }, "/u/environments-v2"],
      ["pipx", { PIPX_HOME: "/x" }, "/x/venvs"],
      ["pipx", { PIPX_GLOBAL_HOME: "/g" }, "/g/venvs"],
    ];
    for (const [tool, env, found] of table) expect([tool, env, folders(tool, env).includes(found)]).toEqual([tool, env, true]);
    for (const [tool, name] of [
      ["virtualenvwrapper", "WORKON_HOME"],
      ["uv", "UV_TOOL_DIR"],
      ["pipx", "PIPX_HOME"],
    ] as const)
      expect(folders(tool, { [name]: "relative" }).some((folder) => folder.includes("relative"))).toBe(false);
  });
  test("by their configuration files, over which variables go", () => {
    const poetry = (env: Record<string, string> = {}): string[] => folders("poetry", env);
    configured(".config/pypoetry/config.toml", 'cache-dir = "/c"\n', () => expect(poetry()).toEqual(["/c/virtualenvs"]));
    configured(".config/pypoetry/config.toml", '[virtualenvs]\npath = "~/venvs"\n', () => {
      expect(poetry()).toEqual(["~/venvs"]);
      expect(poetry({ POETRY_VIRTUALENVS_PATH: "/p" })).toEqual(["/p"]);
      expect(poetry({ POETRY_CONFIG_DIR: join(home, "none") })).toEqual(["~/.cache/pypoetry/virtualenvs"]);
    });
    configured("Library/Application Support/pypoetry/config.toml", '[virtualenvs]\npath = "/m"\n', () =>
      expect(folders("poetry", {}, "darwin")).toEqual(["/m"]),
    );
    configured(".config/hatch/config.toml", '[dirs]\ndata = "/h"\n[dirs.env]\nvirtual = ".hatch"\n', () =>
      expect(folders("hatch")).toEqual(["/h/env/virtual", "/work/.hatch"]),
    );
    configured("mine.toml", '[dirs.env]\nvirtual = "~/hatch"\n', () =>
      expect(folders("hatch", { HATCH_CONFIG: join(home, "mine.toml") })).toEqual(["~/.local/share/hatch/env/virtual", "~/hatch"]),
    );
    configured(".config/pdm/config.toml", '[venv]\nlocation = "/pdm"\n', () => expect(folders("pdm")).toEqual(["/pdm"]));
  });
  test("a file that cannot be understood is as good as none", () => {
    for (const text of ["", "no toml", "virtualenvs = 1", "[virtualenvs]\npath = 1", "[virtualenvs]\npath = ''", "x".repeat(100_000)])
      configured(".config/pypoetry/config.toml", text, () => expect(folders("poetry")).toEqual(["~/.cache/pypoetry/virtualenvs"]));
    mkdirSync(join(home, ".config", "pypoetry", "config.toml"), { recursive: true });
    expect(folders("poetry")).toEqual(["~/.cache/pypoetry/virtualenvs"]);
    rmSync(join(home, ".config"), { recursive: true });
  });
});
