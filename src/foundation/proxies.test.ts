import { expect, test } from "bun:test";
import { proxiesFromEnvironment, proxyUrl } from "./proxies.ts";

test("the proxy for a URL by the variables of the environment", () => {
  const proxyFor = proxiesFromEnvironment({
    HTTP_PROXY: "http://upper:1",
    http_proxy: "lower:2",
    ALL_PROXY: "https://all:3",
    NO_PROXY: "ignored.example",
    no_proxy: "localhost, .inner.example,plain.example other.example:8443 10.0.0.0/8 ::1",
  });
  const cases: ReadonlyArray<readonly [string, string | undefined]> = [
    ["http://a.example/", "http://lower:2"],
    ["https://a.example/", "https://all:3"],
    ["http://localhost:80/", undefined],
    ["https://inner.example/", undefined],
    ["https://x.inner.example/", undefined],
    ["https://notinner.example/", "https://all:3"],
    ["https://sub.plain.example/", undefined],
    ["https://notplain.example/", "https://all:3"],
    ["https://other.example/", "https://all:3"],
    ["https://other.example:8443/", undefined],
    ["http://10.1.2.3/", undefined],
    ["http://11.1.2.3/", "http://lower:2"],
    ["http://[::1]/", undefined],
    ["http://ignored.example/", "http://lower:2"],
  ];
  for (const [url, expected] of cases) expect([url, proxyFor(new URL(url))]).toEqual([url, expected]);
  expect(proxiesFromEnvironment({ HTTPS_PROXY: "p:1", NO_PROXY: "*" })(new URL("https://x/"))).toBeUndefined();
  expect(proxiesFromEnvironment({})(new URL("https://x/"))).toBeUndefined();
});

test("a proxy that is no http proxy is an error without its password", () => {
  const error = (() => {
    try {
      return proxyUrl("socks5://me:s3cr3t@h:1");
    } catch (caught) {
      return caught;
    }
  })();
  expect(error).toMatchObject({ code: "INVALID_CONFIG" });
  expect(JSON.stringify(error) + String(error)).not.toContain("s3cr3t");
});
