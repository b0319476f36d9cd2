import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { type JsonValue, PenError, readHost, silent } from "#foundation";
import { type WheelOptions, type ZipEntry, buildWheel, buildZip, extraField, little, unicodePath } from "../../tests/support/wheels.ts";
import { openStore } from "./store.ts";
import { validateWheel } from "./validation.ts";

type Made = { readonly bytes: Uint8Array; readonly filename?: string };
const base: WheelOptions = { name: "evil", version: "1.0", files: { "evil/__init__.py": "x = 1\n", "evil/data.txt": "data ".repeat(100) } };

const wheel = (options: Partial<WheelOptions>): Made => buildWheel({ ...base, ...options });
/** With one more file of that name, listed in RECORD. */
const withFile = (name: string, content = "x = 2\n"): Made => wheel({ files: { ...base.files, [name]: content } });
/** A RECORD that promises nothing, so that it cannot find the lies of the archive. */
const blind = (lines: string): string => lines.replace(/,sha256=[^,]*,\d+$/gm, ",,");
/** With the members changed before they are packed. */
const members = (change: (honest: ZipEntry[]) => readonly ZipEntry[], options: Partial<WheelOptions> = {}): Made =>
  wheel({ record: blind, ...options, members: change });
/** With one member changed. */
const member = (name: string, change: Partial<ZipEntry>): Made =>
  members((honest) => honest.map((entry) => (entry.name === name ? { ...entry, ...change } : entry)));
const first = (change: Partial<ZipEntry>): Made => member("evil/__init__.py", change);
const content = "x = 1\n";
/** Checksum and size of the content, as gzip has them behind its data. */
const promise = little([4, crc32(content)], [4, content.length]);
const gzipHeader = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
const honest = wheel({}).bytes;
const other = buildWheel({ name: "other", version: "9" }).bytes;
const text = (value: string) => new TextEncoder().encode(value);
const join2 = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const script = (name: string, target = "evil:main") => wheel({ entryPoints: { console_scripts: { [name]: target } } });
const tarHead = Buffer.concat([Buffer.from("evil.py".padEnd(257, "\0")), Buffer.from("ustar\u000000"), Buffer.alloc(248)]);

/** The honest wheel with one byte changed in the directory's record of a member. */
function patched(name: string, offset: number, value: number): Uint8Array {
  const bytes = Buffer.from(honest);
  bytes[bytes.lastIndexOf(name) - 46 + offset] = value;
  // RECORD names the member too, but the directory stands behind it.
  return new Uint8Array(bytes);
}

/** Artifact, the rule that refuses it, and how it is made. Names are those of the list of attacks where it has one. */
const hostile: ReadonlyArray<readonly [name: string, rule: string | readonly string[], make: () => Made]> = [
  ["trav_dotdot", "path-escape", () => withFile("../outside.py")],
  ["trav_mid", "path-escape", () => withFile("evil/../../outside.py")],
  ["trav_abs", "path-absolute", () => withFile("/tmp/outside.py")],
  ["trav_data", "path-escape", () => wheel({ dataFiles: { "data/../../outside": "x" } })],
  ["trav_data_sub", "path-escape", () => wheel({ dataFiles: { "purelib/../outside.py": "x" } })],
  ["trav_sibling", "path-escape", () => withFile("../site-packages-evil/x.py")],
  ["trav_backslash", "path-backslash", () => withFile("..\\outside.py")],
  ["trav_drive", "path-drive", () => withFile("C:/outside.py")],
  ["trav_dot", "path-not-normal", () => withFile("./evil/x.py")],
  ["trav_double_slash", "path-not-normal", () => withFile("evil//x.py")],
  ["data_bogus_scheme", "unknown-scheme", () => wheel({ dataFiles: { "kernel/x": "x" } })],
  ["data_no_scheme", "unknown-scheme", () => wheel({ dataFiles: { x: "x" } })],
  ["data_other_name", "data-folder-mismatch", () => withFile("other-1.0.data/data/x")],
  ["data_dist_info", "multiple-dist-info", () => wheel({ dataFiles: { "purelib/other-2.0.dist-info/METADATA": "x" } })],
  [
    "data_installed_dist_info",
    "multiple-dist-info",
    () => wheel({ dataFiles: { "data/lib/python3.11/site-packages/other-2.0.dist-info/METADATA": "x" } }),
  ],
  ["data_script_folder", "script-in-folder", () => wheel({ dataFiles: { "scripts/sub/x": "x" } })],
  ["alias_dup", "path-not-normal", () => members((all) => [...all, { name: "evil/./__init__.py", content: "bad" }])],
  ["alias_scheme", "duplicate-member", () => wheel({ dataFiles: { "purelib/evil/__init__.py": "bad = 1\n" } })],
  ["alias_nfc", "case-collision", () => wheel({ files: { ...base.files, "evil/\u00e9.py": "a", "evil/e\u0301.py": "b" } })],
  ["zip_dup_member", "duplicate-member", () => members((all) => [...all, { name: "evil/__init__.py", content: "bad" }])],
  ["zip_dup_folder", "duplicate-member", () => members((all) => [{ name: "evil/" }, { name: "evil/" }, ...all])],
  [
    "zip_hidden_local",
    ["hidden-data", "overlapping-members", "prefix-data"],
    () => members(([one, ...rest]) => [one!, { name: "evil/hidden.py", content: "bad", hidden: true }, ...rest]),
  ],
  ["zip_hidden_first", "prefix-data", () => members((all) => [{ name: "evil/hidden.py", content: "bad", hidden: true }, ...all])],
  ["zip_hidden_last", "hidden-data", () => members((all) => [...all, { name: "evil/hidden.py", content: "bad", hidden: true }])],
  ["zip_gap", "hidden-data", () => wheel({ zip: { gap: text("hidden") } })],
  ["zip_crc_differ", "header-mismatch", () => first({ local: { crc: 1 } })],
  ["zip_size_differ", "header-mismatch", () => first({ local: { size: 3 } })],
  ["zip_flags_differ", "header-mismatch", () => first({ local: { flags: 0x800 } })],
  ["zip_method_differ", "header-mismatch", () => first({ local: { method: 0 } })],
  ["zip_dd_crc", "descriptor-mismatch", () => first({ dataDescriptor: { crc: 1 } })],
  ["zip_dd_size", "descriptor-mismatch", () => first({ dataDescriptor: { size: 1 } })],
  [
    "zip_dd_hidden",
    "hidden-data",
    () => members(([one, ...rest]) => [{ ...one!, dataDescriptor: true }, { name: "h", content: "bad", hidden: true }, ...rest]),
  ],
  ["zip_prefix", "prefix-data", () => wheel({ zip: { prefix: text("#!/bin/sh\n"), countPrefix: true } })],
  ["zip_prefix_uncounted", "prefix-data", () => wheel({ zip: { prefix: text("#!/bin/sh\n") } })],
  ["zip_unicode_extra", "extra-field", () => first({ extra: unicodePath("evil/__init__.py", "evil/other.py") })],
  ["zip_unicode_extra_local", "extra-field", () => first({ local: { extra: unicodePath("evil/__init__.py", "../x.py") } })],
  ["zip_extra_cut", "extra-field", () => first({ extra: text("abcdefg") })],
  ["zip_lfh_name", "header-mismatch", () => first({ local: { name: "evil/__main__.py" } })],
  [
    "zip_cd_only",
    ["header-mismatch", "overlapping-members"],
    () => members((all) => [...all, { name: "evil/ghost.py", content: "bad", centralOnly: true }]),
  ],
  [
    "zip_cd_only_shared",
    "overlapping-members",
    () => members((all) => [...all, { name: "evil/ghost.py", content, centralOnly: true, central: { offset: 0 } }]),
  ],
  ["zip_count_low", "directory-mismatch", () => wheel({ zip: { count: 2 } })],
  ["zip_count_high", "directory-mismatch", () => wheel({ zip: { count: 200 } })],
  ["zip_directory_size", ["prefix-data", "directory-mismatch"], () => wheel({ zip: { directorySize: 46 } })],
  ["zip_trailing", "trailing-data", () => wheel({ zip: { suffix: text("trailing") } })],
  ["zip_in_comment", ["archive-comment", "prefix-data"], () => wheel({ zip: { comment: other } })],
  ["zip_end_in_comment", "archive-comment", () => wheel({ zip: { comment: join2(little([4, 0x06054b50]), text("x".repeat(30))) } })],
  ["zip_concat", "prefix-data", () => ({ bytes: join2(other, honest) })],
  ["zip_concat_behind", "prefix-data", () => ({ bytes: join2(honest, other) })],
  ["zip_tar_polyglot", "prefix-data", () => wheel({ zip: { prefix: tarHead, countPrefix: true } })],
  ["zip_z64_confuse", "zip64-mismatch", () => wheel({ zip: { zip64: { count: 1, keep32: true } } })],
  [
    "zip_z64_other_directory",
    ["zip64-mismatch", "directory-mismatch", "prefix-data"],
    () => wheel({ zip: { zip64: { directoryOffset: 0 } } }),
  ],
  ["zip_z64_entry_differs", "zip64-mismatch", () => first({ extra: extraField(1, little([8, 1], [8, 1])) })],
  ["zip_z64_entry_twice", "zip64-mismatch", () => first({ zip64: true, extra: extraField(1, little([8, 6], [8, 8])) })],
  ["zip_z64_entry_short", ["zip64-mismatch", "compression-bomb"], () => first({ central: { size: 0xffffffff } })],
  ["zip_crc", "crc-mismatch", () => first({ local: { crc: 5 }, central: { crc: 5 } })],
  ["zip_bitflip", ["crc-mismatch", "broken-data", "size-mismatch", "hidden-data"], () => first({ method: 0, raw: text("x = 3\n") })],
  ["zip_usize_short", "size-mismatch", () => first({ local: { size: 3 }, central: { size: 3 } })],
  ["zip_usize_long", "size-mismatch", () => first({ local: { size: 30 }, central: { size: 30 } })],
  [
    "zip_csize_long",
    ["overlapping-members", "header-mismatch"],
    () => first({ local: { compressedSize: 500 }, central: { compressedSize: 500 } }),
  ],
  ["zip_deflate_slack", "hidden-data", () => first({ raw: join2(deflateRawSync(content), text("hidden")) })],
  ["zip_deflate_promise", "hidden-data", () => first({ raw: join2(deflateRawSync(content), promise, text("hidden")) })],
  [
    "zip_deflate_gzip_before",
    ["size-mismatch", "hidden-data"],
    () => first({ raw: join2(deflateRawSync(""), new Uint8Array(8), gzipHeader, deflateRawSync(content)) }),
  ],
  ["zip_stored_size", "size-mismatch", () => first({ method: 0, local: { size: 3 }, central: { size: 3 } })],
  ["zip_encrypted", "encrypted-member", () => first({ flags: 1 })],
  ["zip_encrypted_local", "encrypted-member", () => first({ local: { flags: 1 } })],
  ["zip_method99", "unsupported-method", () => first({ method: 99 })],
  ["zip_bzip2", "unsupported-method", () => first({ method: 12 })],
  ["zip_newer_version", "unsupported-method", () => ({ bytes: patched("evil/__init__.py", 6, 200) })],
  ["zip_split", "split-archive", () => ({ bytes: honest.map((byte, at) => (at === honest.length - 18 ? 1 : byte)) })],
  ["zip_truncated", ["not-a-zip", "trailing-data"], () => ({ bytes: honest.slice(0, honest.length - 30) })],
  ["zip_html", "not-a-zip", () => ({ bytes: text("<!doctype html><title>404</title>") })],
  ["zip_empty", "not-a-zip", () => ({ bytes: new Uint8Array() })],
  ["zip_no_members", "missing-dist-info", () => ({ bytes: buildZip([]) })],
  ["folder_with_content", "folder-with-content", () => members((all) => [...all, { name: "evil/sub/", content: "bad" }])],
  ["bomb_ratio", "compression-bomb", () => withFile("evil/zeros", "\0".repeat(64 * 2 ** 20))],
  ["bomb_declared", ["compression-bomb", "too-large"], () => first({ local: { size: 0xfffffff0 }, central: { size: 0xfffffff0 } })],
  [
    "bomb_lying",
    "size-mismatch",
    () => member("evil/data.txt", { raw: deflateRawSync(Buffer.alloc(2 ** 24)), local: { size: 10 }, central: { size: 10 } }),
  ],
  ["zip_overlap", "overlapping-members", () => member("evil/data.txt", { central: { offset: 10 } })],
  [
    "zip_quine_overlap",
    "overlapping-members",
    () => members((all) => [all[0]!, { name: "evil/again.py", content, centralOnly: true, central: { offset: 1 } }, ...all.slice(1)]),
  ],
  ["name_newline", "name-control-character", () => withFile("evil/a\nb.py")],
  ["name_esc", "name-control-character", () => withFile("evil/\u001b[31mred.py")],
  ["name_nul", "name-control-character", () => withFile("evil/a.py\0.txt")],
  ["name_bidi", "name-control-character", () => withFile("evil/\u202egpj.py")],
  ["name_latin1", "name-encoding", () => members((all) => [...all, { name: new Uint8Array([0x65, 0xe9]), flags: 0, content: "x" }])],
  ["name_bad_utf8", "name-encoding", () => members((all) => [...all, { name: new Uint8Array([0x65, 0xff]), flags: 0x800, content: "x" }])],
  [
    "name_overlong_utf8",
    "name-encoding",
    () => members((all) => [...all, { name: new Uint8Array([0xc0, 0xae, 0xc0, 0xae, 0x2f, 0x78]), flags: 0x800 }]),
  ],
  ["name_long", "name-too-long", () => withFile(`evil/${"n".repeat(256)}`)],
  ["path_long", "name-too-long", () => withFile(`evil/${"abcdefgh/".repeat(300)}x`)],
  ["path_deep", "name-too-long", () => withFile(`${"d/".repeat(150)}x`)],
  ["file_dir_conflict", "file-folder-conflict", () => withFile("evil/__init__.py/x.py")],
  ["file_dir_conflict_member", "file-folder-conflict", () => members((all) => [...all, { name: "evil/data.txt/" }])],
  [
    "symlink_dir_write",
    "file-folder-conflict",
    () => members((all) => [{ name: "link", content: "/tmp", mode: 0o120777 }, ...all], { files: { ...base.files, "link/x.py": "bad" } }),
  ],
  ["ow_python_script", "overwrites-interpreter", () => wheel({ dataFiles: { "scripts/python": "#!/bin/sh\n" } })],
  ["ow_python_script_version", "overwrites-interpreter", () => wheel({ dataFiles: { "scripts/python3.11": "#!/bin/sh\n" } })],
  ["ow_python_data", "overwrites-interpreter", () => wheel({ dataFiles: { "data/bin/python3": "#!/bin/sh\n" } })],
  ["ow_python_ep", "overwrites-interpreter", () => script("python")],
  ["ow_python_casevar", "overwrites-interpreter", () => script("PyThOn3")],
  ["ow_python_exe", "overwrites-interpreter", () => script("pythonw.exe")],
  ["ow_pypy", "overwrites-interpreter", () => script("pypy3")],
  ["ow_python_gui", "overwrites-interpreter", () => wheel({ entryPoints: { gui_scripts: { python3: "evil:main" } } })],
  ["ow_pyvenv_cfg", "overwrites-environment", () => wheel({ dataFiles: { "data/pyvenv.cfg": "home = /tmp\n" } })],
  ["ow_pyvenv_cfg_case", "overwrites-environment", () => wheel({ dataFiles: { "data/PyVenv.cfg": "home = /tmp\n" } })],
  ["ow_activate", "overwrites-environment", () => wheel({ dataFiles: { "scripts/activate": "evil\n" } })],
  ["ow_activate_data", "overwrites-environment", () => wheel({ dataFiles: { "data/bin/activate.fish": "evil\n" } })],
  ["ow_activate_ep", "overwrites-environment", () => script("activate_this.py")],
  ["ow_bin", "overwrites-environment", () => wheel({ dataFiles: { "data/bin": "evil\n" } })],
  ["ep_trav", "entry-point-unsafe", () => script("../../outside")],
  ["ep_abs", "entry-point-unsafe", () => script("/tmp/outside")],
  ["ep_dot", "entry-point-unsafe", () => script("..")],
  ["ep_code_value", "entry-point-unsafe", () => script("tool", "evil:main;import os")],
  [
    "ep_newline_value",
    ["entry-point-unsafe", "entry-points-malformed"],
    () => wheel({ entryPointsText: "[console_scripts]\ntool = evil:main\n  import os\n" }),
  ],
  ["ep_keyword", "entry-point-unsafe", () => script("tool", "evil:import")],
  ["ep_esc", ["entry-point-unsafe", "entry-points-malformed"], () => script("to\u001bol")],
  [
    "ep_twice",
    ["duplicate-script", "entry-points-malformed"],
    () => wheel({ entryPoints: { console_scripts: { tool: "evil:main" }, gui_scripts: { tool: "evil:other" } } }),
  ],
  ["rec_bad_hash", "record-mismatch", () => wheel({ record: (lines) => lines.replace(/(evil\/__init__\.py,sha256=)..../, "$1AAAA") })],
  ["rec_bad_size", "record-mismatch", () => wheel({ record: (lines) => lines.replace(/^(evil\/__init__\.py,.*,)6$/m, "$17") })],
  [
    "rec_bad_sha512",
    "record-mismatch",
    () => wheel({ record: (lines) => lines.replace(/^evil\/__init__\.py,.*$/m, "evil/__init__.py,sha512=AAAA,6") }),
  ],
  ["rec_unlisted", "record-unlisted", () => wheel({ record: (lines) => lines.replace(/^evil\/__init__\.py,.*\n/m, "") })],
  ["rec_two_hashes", "record-mismatch", () => wheel({ record: (lines) => `${lines}evil/__init__.py,sha256=AAAA,6\n` })],
  ["rec_malformed", "record-malformed", () => wheel({ record: () => 'evil/__init__.py,"unclosed\n' })],
  ["rec_unknown_algorithm", "record-malformed", () => wheel({ record: (lines) => lines.replace("sha256=", "rot13=") })],
  ["di_name", "name-mismatch", () => wheel({ metadata: (lines) => lines.replace("evil", "other") })],
  ["di_version", "version-mismatch", () => wheel({ metadata: (lines) => lines.replace("Version: 1.0", "Version: 2.0") })],
  ["di_folder_name", "name-mismatch", () => wheel({ distInfo: "other-1.0.dist-info" })],
  ["di_folder_version", "version-mismatch", () => wheel({ distInfo: "evil-2.0.dist-info" })],
  ["di_file_name", "name-mismatch", () => ({ bytes: honest, filename: "good-1.0-py3-none-any.whl" })],
  ["di_missing", "missing-dist-info", () => wheel({ distInfo: "evil-1.0.info" })],
  ["di_multiple", "multiple-dist-info", () => withFile("other-1.0.dist-info/METADATA")],
  ["di_multiple_case", "multiple-dist-info", () => withFile("Evil-1.0.DIST-INFO/METADATA")],
  ["di_no_metadata", "missing-metadata", () => wheel({ metadata: () => undefined })],
  ["di_bad_metadata", "metadata-malformed", () => wheel({ metadata: () => "no headers here" })],
  ["di_no_wheel", "missing-wheel-file", () => wheel({ wheel: () => undefined })],
  ["di_bad_wheel", "wheel-file-malformed", () => wheel({ wheel: () => "Generator: none\n" })],
  ["di_no_record", "missing-record", () => wheel({ record: () => undefined })],
  ["di_v2", "unsupported-wheel-version", () => wheel({ wheel: (lines) => lines.replace("Wheel-Version: 1.0", "Wheel-Version: 2.0") })],
];

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "pen-hostile-"));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function refusal(work: () => Promise<unknown>): Promise<PenError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof PenError) return error;
    throw error;
  }
  throw new Error("It was accepted.");
}

/** Text of an error as a person and as a program see it. */
const shown = (error: PenError): string => JSON.stringify([error.message, error.why ?? "", error.hint ?? "", error.data]);

describe("refused, from a file, from bytes and by the store alike", () => {
  for (const [name, rules, make] of hostile) {
    test(name, async () => {
      const made = make();
      const filename = made.filename ?? "evil-1.0-py3-none-any.whl";
      const path = join(scratch, `${name}.whl`);
      const cacheFolder = join(scratch, `${name}-cache`);
      writeFileSync(path, made.bytes);
      const fromBytes = await refusal(() => validateWheel(made.bytes, filename));
      const fromFile = await refusal(() => validateWheel(path, filename));
      expect(fromBytes.code).toBe("INVALID_WHEEL");
      expect([rules].flat()).toContain(String(fromBytes.data["rule"]));
      expect(shown(fromFile)).toBe(shown(fromBytes));
      // eslint-disable-next-line no-control-regex -- the point of the test
      expect(shown(fromBytes)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
      const store = openStore({ host: readHost(), cacheFolder, emit: silent });
      const byStore = await refusal(() => store.add({ path, filename }));
      expect(byStore.data["rule"] as JsonValue).toBe(fromBytes.data["rule"] as JsonValue);
      expect(store.list()).toEqual([]);
      expect(readdirSync(join(cacheFolder, "wheels", "v1", "growing"))).toEqual([]);
      expect(existsSync(join(scratch, "outside.py"))).toBe(false);
      rmSync(path);
      rmSync(cacheFolder, { recursive: true });
    });
  }

  test("ep_not_utf8", async () => {
    const bytes = buildWheel({
      ...base,
      members: (all) => [...all, { name: "evil-1.0.dist-info/entry_points.txt", content: new Uint8Array([0xff]) }],
      record: (lines) => `evil-1.0.dist-info/entry_points.txt,,\n${lines}`,
    });
    expect((await refusal(() => validateWheel(bytes.bytes, bytes.filename))).data["rule"]).toBe("entry-points-malformed");
  });

  test("case collisions are refused for a file system that ignores case, and kept apart elsewhere", async () => {
    const { bytes, filename } = buildWheel({ ...base, files: { "evil/A.py": "a", "evil/a.py": "b" } });
    await validateWheel(bytes, filename);
    expect((await refusal(() => validateWheel(bytes, filename, { limits: { ignoresCase: true } }))).data["rule"]).toBe("case-collision");
  });

  test("a bomb is let through by a raised limit", async () => {
    const { bytes, filename } = buildWheel({ ...base, files: { "evil/zeros": "\0".repeat(40 * 2 ** 20) } });
    expect((await refusal(() => validateWheel(bytes, filename))).data["rule"]).toBe("compression-bomb");
    await validateWheel(bytes, filename, { limits: { maxRatio: Infinity } });
    expect((await refusal(() => validateWheel(bytes, filename, { limits: { maxSize: 2 ** 20 } }))).data["rule"]).toBe("too-large");
  });

  test("a lying member that is read in pieces stops at its declared size", async () => {
    const large = Buffer.alloc(40 * 2 ** 20, "0123456789abcdef");
    const { bytes, filename } = buildWheel({
      ...base,
      members: (all) =>
        all.map((entry) =>
          entry.name === "evil/data.txt"
            ? { ...entry, raw: deflateRawSync(large), local: { size: 9 * 2 ** 20 }, central: { size: 9 * 2 ** 20 } }
            : entry,
        ),
      record: (lines) => lines.replace(/^evil\/data\.txt,.*$/m, "evil/data.txt,,"),
    });
    expect((await refusal(() => validateWheel(bytes, filename))).data["rule"]).toBe("size-mismatch");
  });

  test("a large member with a wrong checksum or slack is refused too", async () => {
    const large = Buffer.alloc(9 * 2 ** 20);
    for (let at = 0; at < large.length; at += 1) large[at] = (at * 2654435761) >>> 24;
    const build = (change: Partial<ZipEntry>) =>
      buildWheel({
        ...base,
        files: { "evil/large": large },
        members: (all) => all.map((entry) => (entry.name === "evil/large" ? { ...entry, ...change } : entry)),
      });
    const { bytes, filename } = build({ local: { crc: 1 }, central: { crc: 1 } });
    expect((await refusal(() => validateWheel(bytes, filename))).data["rule"]).toBe("crc-mismatch");
    const slack = build({ raw: join2(deflateRawSync(large), text("hidden")) });
    expect((await refusal(() => validateWheel(slack.bytes, filename))).data["rule"]).toBe("hidden-data");
    await validateWheel(build({}).bytes, filename);
    await validateWheel(build({ method: 0 }).bytes, filename);
  });
});
