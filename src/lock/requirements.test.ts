import { describe, expect, test } from "bun:test";
import { normalizeName, parseMarker, versionText } from "#standards";
import { formatRequirements, preferencesFromRequirements, type RequirementsOptions } from "./requirements.ts";
import type { Lock, LockedPackage } from "./types.ts";
import { processorTime } from "../../tests/support/processor-time.ts";

const a = "a".repeat(64);
const b = "b".repeat(64);

function locked(name: string, version: string, more: Partial<LockedPackage> = {}): LockedPackage {
  return {
    name: normalizeName(name),
    version,
    marker: undefined,
    requiresPython: undefined,
    extras: [],
    direct: undefined,
    index: undefined,
    files: [],
    requiredBy: [],
    dependencies: [],
    ...more,
  };
}

function file(filename: string, hashes: Record<string, string>): LockedPackage["files"][number] {
  return { filename, url: `https://files.test/${filename}`, path: undefined, hashes, size: undefined, uploadTime: undefined };
}

function lockOf(...packages: LockedPackage[]): Lock {
  return { requiresPython: undefined, environments: [], packages };
}

const plain: RequirementsOptions = {
  hashes: false,
  annotations: true,
  header: undefined,
  extras: false,
  markers: true,
  indexUrls: [],
  findLinks: [],
};

describe("formatRequirements", () => {
  const lock = lockOf(
    locked("colorama", "0.4.6", {
      marker: parseMarker("sys_platform == 'win32'"),
      requiredBy: ["click"],
      files: [file("colorama-0.4.6-py3-none-any.whl", { sha256: b })],
    }),
    locked("uvicorn", "0.30", {
      extras: [normalizeName("standard")],
      requiredBy: ["-r requirements.in", "fastapi"],
      files: [file("uvicorn-0.30-py3-none-any.whl", { sha256: b, md5: "0".repeat(32) }), file("uvicorn-0.30.tar.gz", { sha256: a })],
    }),
  );

  test("writes the layout of pip-compile and uv", () => {
    expect(formatRequirements(lock, plain)).toBe(
      "colorama==0.4.6 ; sys_platform == 'win32'\n    # via click\nuvicorn==0.30\n    # via\n    #   -r requirements.in\n    #   fastapi\n",
    );
  });

  test("with everything", () => {
    const options = {
      ...plain,
      hashes: true,
      extras: true,
      header: "Made by pen:\n   pen pip compile",
      indexUrls: ["https://user:secret@one.test/simple", "https://two.test/simple"],
      findLinks: ["./wheels"],
    };
    expect(formatRequirements(lock, options)).toBe(
      [
        "# Made by pen:",
        "#    pen pip compile",
        "--index-url https://one.test/simple",
        "--extra-index-url https://two.test/simple",
        "--find-links ./wheels",
        "",
        "colorama==0.4.6 ; sys_platform == 'win32' \\",
        `    --hash=sha256:${b}`,
        "    # via click",
        "uvicorn[standard]==0.30 \\",
        `    --hash=sha256:${a} \\`,
        `    --hash=sha256:${b}`,
        "    # via",
        "    #   -r requirements.in",
        "    #   fastapi",
        "",
      ].join("\n"),
    );
  });

  test("direct URLs, repositories and folders", () => {
    const lock = lockOf(
      locked("one", "1.0", {
        direct: { url: "https://u:p@x.test/one-1.0-py3-none-any.whl", info: { kind: "archive", hashes: { sha256: a } } },
        files: [file("one-1.0-py3-none-any.whl", { sha256: a })],
      }),
      locked("three", "1.0", { direct: { url: "file:///src/three", info: { kind: "dir", editable: true } } }),
      locked("two", "1.0", { direct: { url: "https://x.test/two", info: { kind: "vcs", vcs: "git", commitId: "c0ffee" } } }),
    );
    expect(formatRequirements(lock, { ...plain, hashes: true })).toBe(
      `one @ https://x.test/one-1.0-py3-none-any.whl \\\n    --hash=sha256:${a}\n-e /src/three\ntwo @ git+https://x.test/two@c0ffee\n`,
    );
  });

  test("a file without a strong hash cannot be promised", () => {
    const weak = lockOf(locked("a", "1.0", { files: [file("a-1.0-py3-none-any.whl", { md5: "0".repeat(32) })] }));
    expect(() => formatRequirements(weak, { ...plain, hashes: true })).toThrow("no hash for a 1.0");
  });

  test("security: no text from outside can begin a line of its own", () => {
    const origin = formatRequirements(lockOf(locked("a", "1.0", { requiredBy: ["evil\n--index-url https://evil.test"] })), plain);
    expect(origin.split("\n").length).toBe(3);
    expect(() => formatRequirements(lockOf(locked("a", "1.0\nevil==1")), plain)).toThrow();
    expect(() => formatRequirements(lockOf(), { ...plain, indexUrls: ["https://a.test/\nevil"] })).toThrow();
  });
});

describe("preferencesFromRequirements", () => {
  const pins = (text: string): Record<string, string> =>
    Object.fromEntries([...preferencesFromRequirements(text)].map(([name, version]) => [name, versionText(version)]));

  test("reads what formatRequirements writes", () => {
    const lock = lockOf(
      locked("b-c", "2.0.post1", {
        marker: parseMarker("os_name == 'nt'"),
        files: [file("b_c-2.0.post1-py3-none-any.whl", { sha256: a })],
        requiredBy: ["x"],
      }),
      locked("z", "1!1.0"),
    );
    expect(pins(formatRequirements(lockOf(lock.packages[0]!), { ...plain, hashes: true }))).toEqual({ "b-c": "2.0.post1" });
    expect(pins(formatRequirements(lock, plain))).toEqual({ "b-c": "2.0.post1", z: "1!1.0" });
  });

  test("passes over everything that is no pin", () => {
    expect(
      pins(
        "# a==1\n-c b==1\nc>=1\nd==1.*\ne==1,<2\nf @ https://x.test/f==1.whl\nnot a requirement ==\n\ng[x]==3 # why\nh == 1.0 --hash=sha256:00\r\n",
      ),
    ).toEqual({ g: "3", h: "1.0" });
  });

  test("leaves out what is pinned twice", () => {
    expect(pins("a==1 ; os_name == 'nt'\na==2 ; os_name != 'nt'\nb==1\n")).toEqual({ b: "1" });
  });

  test("64 KiB of rubbish take no time", () => {
    for (const piece of ["==", "a==1,", "a[", "(((", "a==1;(", "\\", " #=="]) {
      const start = processorTime();
      preferencesFromRequirements(piece.repeat(65_536 / piece.length));
      expect(processorTime() - start).toBeLessThan(100);
    }
  });
});
