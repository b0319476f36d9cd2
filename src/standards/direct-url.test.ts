import { describe, expect, test } from "bun:test";
import { type DirectUrl, directUrlFreezeText, formatDirectUrl, parseDirectUrl } from "./direct-url.ts";

const archive: DirectUrl = { url: "https://example.org/app-1.0.tgz", info: { kind: "archive", hashes: { sha256: "2dc6b5a4" } } };
const git: DirectUrl = {
  url: "https://example.org/app.git",
  info: { kind: "vcs", vcs: "git", requestedRevision: "main", commitId: "41b3dc0" },
};
const folder: DirectUrl = { url: "file:///home/user/my%20project", info: { kind: "dir", editable: true } };

describe("direct_url.json", () => {
  test.each<[string, DirectUrl]>([
    [
      '{"url": "https://github.com/pypa/pip/archive/1.3.1.zip", "archive_info": {"hashes": {"sha256": "2dc6b5"}}}',
      { url: "https://github.com/pypa/pip/archive/1.3.1.zip", info: { kind: "archive", hashes: { sha256: "2dc6b5" } } },
    ],
    [
      '{"url": "https://e.org/a.zip", "archive_info": {"hash": "sha256=2dc6b5"}}',
      { url: "https://e.org/a.zip", info: { kind: "archive", hashes: { sha256: "2dc6b5" }, hash: "sha256=2dc6b5" } },
    ],
    ['{"url": "https://e.org/a.zip", "archive_info": {}}', { url: "https://e.org/a.zip", info: { kind: "archive", hashes: {} } }],
    [
      '{"url": "https://e.org/r.git", "vcs_info": {"vcs": "git", "requested_revision": "1.3.1", "commit_id": "7921be1"}, "subdirectory": "sub"}',
      {
        url: "https://e.org/r.git",
        subdirectory: "sub",
        info: { kind: "vcs", vcs: "git", requestedRevision: "1.3.1", commitId: "7921be1" },
      },
    ],
    ['{"url": "file:///home/user/project", "dir_info": {}}', { url: "file:///home/user/project", info: { kind: "dir", editable: false } }],
    [
      '{"url": "file:///home/user/project", "dir_info": {"editable": true}, "other": [1]}',
      { url: "file:///home/user/project", info: { kind: "dir", editable: true } },
    ],
  ])("%s", (text, expected) => {
    expect(parseDirectUrl(text)).toEqual(expected);
  });

  test.each([
    "",
    "null",
    "[]",
    "{}",
    '{"url": "x"}',
    '{"dir_info": {}}',
    '{"url": 1, "dir_info": {}}',
    '{"url": "x", "dir_info": {}, "archive_info": {}}',
    '{"url": "x", "dir_info": []}',
    '{"url": "x", "dir_info": {"editable": "yes"}}',
    '{"url": "x", "vcs_info": {"vcs": "git"}}',
    '{"url": "x", "archive_info": {"hash": "sha256"}}',
    '{"url": "x", "archive_info": {"hashes": {"sha256": 1}}}',
    '{"url": "x\\nevil", "dir_info": {}}',
    '{"url": "x", "vcs_info": {"vcs": "git", "commit_id": "a\\u0000"}}',
  ])("%j is refused", (text) => {
    expect(() => parseDirectUrl(text)).toThrow("direct_url.json cannot be read");
  });

  test("is written as pip writes it", () => {
    expect(formatDirectUrl(archive)).toBe(
      '{"archive_info": {"hash": "sha256=2dc6b5a4", "hashes": {"sha256": "2dc6b5a4"}}, "url": "https://example.org/app-1.0.tgz"}',
    );
    expect(formatDirectUrl(git)).toBe(
      '{"url": "https://example.org/app.git", "vcs_info": {"commit_id": "41b3dc0", "requested_revision": "main", "vcs": "git"}}',
    );
    expect(formatDirectUrl(folder)).toBe('{"dir_info": {"editable": true}, "url": "file:///home/user/my%20project"}');
    expect(formatDirectUrl({ url: "file:///é/\u{1f600}", subdirectory: "s", info: { kind: "dir", editable: false } })).toBe(
      '{"dir_info": {}, "subdirectory": "s", "url": "file:///\\u00e9/\\ud83d\\ude00"}',
    );
  });

  test("what is written is read again", () => {
    for (const value of [git, folder]) expect(parseDirectUrl(formatDirectUrl(value))).toEqual(value);
    expect(parseDirectUrl(formatDirectUrl(archive))).toEqual({
      ...archive,
      info: { kind: "archive", hashes: { sha256: "2dc6b5a4" }, hash: "sha256=2dc6b5a4" },
    });
  });

  test.each([
    ["https://user:s3cr3t@example.org/a.zip", "https://example.org/a.zip"],
    ["https://user:p@ss@example.org/a@b.zip", "https://example.org/a@b.zip"],
    ["https://token@example.org", "https://example.org"],
    ["https://${USER}:${PASSWORD}@example.org/a", "https://${USER}:${PASSWORD}@example.org/a"],
    ["https://git@example.org/a", "https://example.org/a"],
    ["https://example.org/a?x=@", "https://example.org/a?x=@"],
  ])("credentials are not written: %s", (url, expected) => {
    expect(parseDirectUrl(formatDirectUrl({ ...archive, url })).url).toBe(expected);
  });

  test("the user git stays in a git URL", () => {
    expect(parseDirectUrl(formatDirectUrl({ ...git, url: "ssh://git@example.org/r.git" })).url).toBe("ssh://git@example.org/r.git");
  });
});

describe("freeze", () => {
  test.each<[DirectUrl, string]>([
    [archive, "app @ https://example.org/app-1.0.tgz"],
    [
      { ...archive, info: { kind: "archive", hashes: {}, hash: "sha256=ab" }, subdirectory: "s" },
      "app @ https://example.org/app-1.0.tgz#sha256=ab&subdirectory=s",
    ],
    [git, "app @ git+https://example.org/app.git@41b3dc0"],
    [{ ...git, subdirectory: "pkg" }, "app @ git+https://example.org/app.git@41b3dc0#subdirectory=pkg"],
    [{ url: "file:///home/user/p", info: { kind: "dir", editable: false } }, "app @ file:///home/user/p"],
    [folder, "-e /home/user/my project"],
    [{ url: "file:///C:/p", info: { kind: "dir", editable: true } }, "-e C:/p"],
    [{ url: "file:///a%0Aevil", info: { kind: "dir", editable: true } }, "-e file:///a%0Aevil"],
    [{ url: "file:///a%zz", info: { kind: "dir", editable: true } }, "-e file:///a%zz"],
  ])("%j", (value, expected) => {
    expect(directUrlFreezeText("app", value)).toBe(expected);
  });
});
