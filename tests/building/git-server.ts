/** A git server of this process over https, and ssh that stays on this machine: what `git+https` and `git+ssh` fetch from in tests. */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export interface GitServer {
  /** `https://localhost:<port>`: below it the repositories of the folder; those below `/private` for alice with the password s3cret. */
  readonly origin: string;
  /** What git needs to trust the server, and to take the stand-in for ssh. */
  readonly env: Readonly<Record<string, string>>;
  /** The Authorization headers that came, each once. */
  readonly seen: ReadonlySet<string>;
  close(): Promise<void>;
}

/** True where the programs are that it needs. */
export const canServeGit: boolean = [
  ["git", "--version"],
  ["openssl", "version"],
].every(([program = "", word = ""]) => spawnSync(program, [word]).status === 0);

/** Serves the repositories of a folder. `work` is a folder for its key and its ssh. */
export async function serveGit(repositories: string, work: string): Promise<GitServer> {
  mkdirSync(join(work, "bin"), { recursive: true });
  const [key, cert, ssh] = [join(work, "key.pem"), join(work, "cert.pem"), join(work, "bin", "ssh")];
  const words = [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=DNS:localhost",
  ];
  const made = spawnSync("openssl", [...words, "-keyout", key, "-out", cert], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(made.stderr);
  // The last word is what the other machine would run.
  writeFileSync(ssh, '#!/bin/sh\nfor word; do last=$word; done\nexec sh -c "$last"\n');
  chmodSync(ssh, 0o755);
  const seen = new Set<string>();
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    const url = new URL(request.url ?? "/", "https://localhost");
    const { authorization } = request.headers;
    if (authorization !== undefined) seen.add(authorization);
    if (url.pathname.startsWith("/private/") && authorization !== `Basic ${Buffer.from("alice:s3cret").toString("base64")}`) {
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="private"' }).end();
      return;
    }
    const child = spawn("git", ["http-backend"], {
      env: {
        PATH: "/usr/local/bin:/usr/bin:/bin",
        GIT_PROJECT_ROOT: repositories,
        GIT_HTTP_EXPORT_ALL: "1",
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "safe.directory",
        GIT_CONFIG_VALUE_0: "*",
        PATH_INFO: url.pathname.replace(/^\/private/, ""),
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method ?? "GET",
        CONTENT_TYPE: request.headers["content-type"] ?? "",
        HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
        GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
        REMOTE_ADDR: "127.0.0.1",
      },
      stdio: ["pipe", "pipe", "ignore"],
    });
    request.pipe(child.stdin);
    child.stdin.on("error", () => {});
    const parts: Buffer[] = [];
    child.stdout.on("data", (part: Buffer) => void parts.push(part));
    child.on("close", () => {
      const all = Buffer.concat(parts);
      const end = all.indexOf("\r\n\r\n");
      const headers = new Map(
        all
          .subarray(0, end)
          .toString("latin1")
          .split("\r\n")
          .map((line) => line.split(": ", 2) as [string, string]),
      );
      response.writeHead(Number((headers.get("Status") ?? "200").split(" ")[0]), {
        "Content-Type": headers.get("Content-Type") ?? "text/plain",
      });
      response.end(all.subarray(end + 4));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    env: { GIT_SSL_CAINFO: cert, PATH: `${join(work, "bin")}:/usr/local/bin:/usr/bin:/bin` },
    seen,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
