/** The environment that tests, the demo and the benchmark start from: nothing of pip, Python, npm, uv or an active environment leaks in. */
const inherited = [
  "PATH",
  "LANG",
  "LC_ALL",
  "TERM",
  "TMPDIR",
  "CI",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
];

/** The variables of this process that may pass, with `home` as HOME and `more` on top. */
export function cleanEnvironment(home: string, more: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  const kept = inherited.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]));
  const certificates = process.env["SSL_CERT_FILE"] ?? process.env["NODE_EXTRA_CA_CERTS"];
  const all = { ...Object.fromEntries(kept), HOME: home, ...(certificates === undefined ? {} : { SSL_CERT_FILE: certificates }), ...more };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
