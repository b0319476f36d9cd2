import type { Line } from "../line.ts";

const same = (args: Line["args"], state: Line["in"] = "some", more: Partial<Line> = {}): Line => ({
  args,
  in: state,
  stdout: "same",
  ...more,
});

export const listLines: readonly Line[] = [
  same("list"),
  same("list", "empty"),
  same("list --format freeze"),
  same("list --format=columns"),
  { args: "list --format json", in: "some", stdout: "json" },
  { args: "list --format json -v", in: "some", stdout: "json" },
  same("list -v"),
  same("list --not-required"),
  same("list --exclude lib --exclude app"),
  same("list --exclude Dotted_Name.Pkg"),
  same("list --outdated"),
  same("list -o --format json", "some", { stdout: "json" }),
  same("list --outdated --format freeze"),
  same("list --uptodate"),
  same("list -u --format json", "some", { stdout: "json" }),
  same("list --outdated --pre"),
  same("list --outdated --not-required"),
  same("list --outdated --uptodate"),
  same("list --outdated -i {other}"),
  same("list -e"),
  same("list --path {site}"),
  same("list --path nowhere"),
  same("list --path {site} --format json", "some", { stdout: "json" }),
  same("list --local"),
  same("list --user"),
  same("list -q"),
  same("list --format yaml"),
  same("list extra-word", "some", { apart: { what: ["status", "stdout"], why: "pip passes over words that it has no use for" } }),
  same("list", "some", { env: { PIP_FORMAT: "json" }, stdout: "json" }),
];

export const freezeLines: readonly Line[] = [
  same("freeze"),
  same("freeze", "empty"),
  same("freeze --all"),
  same("freeze --exclude lib"),
  same("freeze -l"),
  same("freeze --path {site}"),
  same("freeze -r r.txt", "some", { files: { "r.txt": "# top\nlib >= 0.1  # note\n\napp\nnowhere\n-i https://example.org/simple\n" } }),
  same("freeze -r r.txt -r s.txt", "some", { files: { "r.txt": "lib\n", "s.txt": "app\nlib\n" } }),
  same("freeze -r nowhere.txt", "some", { apart: { what: ["status"], why: "pip ends with a traceback" } }),
  same("freeze", "broken"),
  same("freeze --exclude-editable", "some"),
];

export const showLines: readonly Line[] = [
  same("show lib"),
  same("show LIB"),
  same("show -f lib"),
  same("show --files app"),
  same("show app lib"),
  same("show app nowhere"),
  same("show nowhere"),
  same("show"),
  same("show -v app"),
  same("show described"),
  same("show local-wheel"),
  same("show dotted.name.pkg"),
  same("show needs-nowhere", "broken"),
];

export const checkLines: readonly Line[] = [
  same("check"),
  same("check", "empty"),
  same("check", "broken", { stdout: "lines" }),
  same("check -q", "broken"),
];

export const inspectLines: readonly Line[] = [
  { args: "inspect", in: "some", stdout: "json" },
  { args: "inspect", in: "empty", stdout: "json" },
  { args: "inspect --local", in: "broken", stdout: "json" },
  { args: "inspect --path {site}", in: "some", stdout: "json" },
  { args: "inspect --user", in: "some", stdout: "json" },
];
