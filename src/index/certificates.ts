import { type Host, PenError, isFolder, listFolder, printableLine, readTextIfAny, join } from "#foundation";

const variables = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_DIR"] as const;

/**
 * The authorities in PEM that replace the system's: of the file or folder that was named, else of the first variable that is
 * set. Undefined means the system's own. Throws INVALID_CONFIG for a place that holds none.
 */
export function readAuthorities(host: Host, named: string | undefined): string | undefined {
  const variable = variables.find((name) => host.env[name]);
  const place = named ?? (variable === undefined ? undefined : host.env[variable]);
  if (place === undefined) return undefined;
  const pem = place
    .split(named === undefined && variable === "SSL_CERT_DIR" ? (host.platform === "win32" ? ";" : ":") : "\0")
    .map((path) => (isFolder(path) ? readFolder(path) : (readTextIfAny(path) ?? "")))
    .join("\n");
  if (pem.includes("-----BEGIN")) return pem;
  throw new PenError("INVALID_CONFIG", `There are no certificates at ${printableLine(place)}`, {
    why: named === undefined ? `The variable ${variable ?? ""} names it.` : "It was given as the file of authorities.",
    hint: "Name a file or folder with certificates in PEM, or unset it to use the system's.",
  });
}

function readFolder(folder: string): string {
  const names = listFolder(folder).filter(({ name, kind }) => kind !== "folder" && /\.(?:pem|crt|cer|\d+)$/.test(name));
  const texts = names.map(({ name }) => {
    try {
      return readTextIfAny(join(folder, name)) ?? "";
    } catch {
      return "";
    }
  });
  // Folders made by OpenSSL hold each certificate twice, as a file and as a link to it.
  return [...new Set(texts.filter((text) => text.includes("-----BEGIN")))].join("\n");
}
