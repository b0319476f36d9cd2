import type { Line } from "../line.ts";

const lib = "lib-1.0-py3-none-any.whl";
const own = { PIP_CONFIG_FILE: "", XDG_CONFIG_DIRS: "{home}/none" };

export const hashLines: readonly Line[] = [
  { args: `hash {wheels}/${lib}`, stdout: "same" },
  { args: `hash -a sha384 {wheels}/${lib}`, stdout: "same" },
  { args: `hash --algorithm sha512 {wheels}/${lib}`, stdout: "same" },
  { args: `hash {wheels}/${lib} {local}`, stdout: "same" },
  { args: `hash -a md5 {wheels}/${lib}`, stdout: "same" },
  { args: "hash", stdout: "same" },
  { args: "hash nothing.whl", stdout: "status", apart: { what: ["status"], why: "pip ends with a traceback" } },
  { args: "hash {wheels}", stdout: "status", apart: { what: ["status"], why: "pip ends with a traceback" } },
];

export const indexLines: readonly Line[] = [
  { args: "index versions lib", stdout: "same" },
  { args: "index versions --pre lib", stdout: "same" },
  { args: "index versions lib --json", stdout: "json", apart: { what: ["stdout"], why: "pen's JSON has schemaVersion beside pip's keys" } },
  { args: "index versions lib", in: "some", stdout: "same" },
  { args: "index versions extra-two", in: "some", stdout: "same" },
  { args: "index versions only-pre", stdout: "same" },
  { args: "index versions old-python", stdout: "same" },
  { args: "index versions --ignore-requires-python old-python", stdout: "same" },
  { args: "index versions --python-version 2.7 --only-binary :all: old-python", stdout: "same" },
  { args: "index versions python-split", stdout: "same" },
  { args: "index versions built", stdout: "same" },
  { args: "index versions nowhere", stdout: "same" },
  { args: "index versions all-yanked", stdout: "same" },
  { args: "index versions", stdout: "same" },
  { args: "index nonsense lib", stdout: "same" },
  { args: "index versions lib -i {other}", stdout: "same" },
];

export const cacheLines: readonly Line[] = [
  { args: "cache list", env: { PEN_CACHE_DIR: "{home}/cache" }, stdout: "same" },
  { args: "cache list --format abspath", env: { PEN_CACHE_DIR: "{home}/cache" }, stdout: "same" },
  { args: "cache remove nothing", env: { PEN_CACHE_DIR: "{home}/cache" } },
  { args: "cache remove" },
  { args: "cache purge", env: { PEN_CACHE_DIR: "{home}/cache" } },
  { args: "cache nonsense" },
  { args: "cache" },
  { args: "cache dir more" },
  { args: "cache list a b" },
  { args: "cache dir", stdout: "status" },
  { args: "cache info", stdout: "status" },
  { args: "cache dir --no-cache-dir", stdout: "status" },
];

export const configLines: readonly Line[] = [
  {
    args: "config list",
    env: { ...own, PIP_INDEX_URL: "" },
    stdout: "lines",
    apart: { what: ["stdout"], why: "The variables of the two differ" },
  },
  { args: "config set global.timeout 9", env: own },
  { args: "config get global.timeout", first: ["config set global.timeout 9"], env: own, stdout: "same" },
  { args: "config get global.nothing", env: own, stdout: "same" },
  { args: "config get nothing", env: own, stdout: "same" },
  { args: "config unset global.timeout", first: ["config set global.timeout 9"], env: own },
  { args: "config unset global.timeout", env: own },
  { args: "config --site set global.timeout 9", env: own },
  { args: "config --user --site list", env: own, stdout: "same" },
  { args: "config set global.timeout", env: own },
  { args: "config nonsense", env: own },
  { args: "config", env: own },
  { args: "config edit --editor true", first: ["config set global.timeout 9"], env: own },
  {
    args: "list",
    in: "some",
    env: { PIP_CONFIG_FILE: "{work}/pip.conf" },
    files: { "pip.conf": "[list]\nformat = freeze\n" },
    stdout: "same",
  },
  {
    args: "list",
    in: "some",
    env: { PIP_CONFIG_FILE: "{work}/pip.conf" },
    files: { "pip.conf": "[list]\nformat = yaml\n" },
    stdout: "status",
    apart: { what: ["status"], why: "pip has a status of its own for this, which it also has for a missing environment" },
  },
  { args: "list", in: "some", env: { PIP_CONFIG_FILE: "{work}/pip.conf" }, files: { "pip.conf": "no section = 1\n" }, stdout: "status" },
];

export const helpLines: readonly Line[] = [
  { args: "--help", stdout: "status" },
  { args: "help", stdout: "status" },
  { args: "help install", stdout: "status" },
  { args: "help nonsense", stdout: "status" },
  { args: "install --help", stdout: "status" },
  { args: "", stdout: "status" },
  { args: "completion --bash", stdout: "status" },
  { args: "completion --zsh", stdout: "status" },
  { args: "completion --fish", stdout: "status" },
  { args: "completion", stdout: "status", apart: { what: ["status"], why: "pip tells an error and ends as if there was none" } },
  { args: "debug", stdout: "status" },
  { args: "debug --verbose", stdout: "status" },
  {
    args: "search lib",
    stdout: "status",
    apart: { what: ["status"], why: "No index answers searches: pip ends with the network's error, pen says so before" },
  },
];
