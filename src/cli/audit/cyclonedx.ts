import { printable, randomHex, type JsonValue } from "#foundation";
import type { AuditedPackage, AuditReport, Vulnerability } from "#operations";
import { jsonText } from "../output/json.ts";

/** A bill of materials (CycloneDX 1.4) with the vulnerabilities in it, in pip-audit's choice of fields; a part is referred to by its package URL. */
interface Bom {
  readonly serialNumber: string;
  readonly timestamp: string;
  readonly components: readonly Component[];
}

interface Component {
  readonly ref: string;
  readonly name: string;
  readonly version: string;
  readonly vulnerabilities: readonly Vulnerability[];
}

/** `pkg:pypi/flask@2.0` (the purl specification): `+` and `!` of versions are encoded. */
const packageUrl = (name: string, version: string): string => `pkg:pypi/${name}@${encodeURIComponent(version).replace(/!/g, "%21")}`;

function bomOf({ packages }: AuditReport, now: number): Bom {
  const audited = packages.filter((one): one is Exclude<AuditedPackage, { skipped: string }> => !("skipped" in one));
  return {
    serialNumber: `urn:uuid:${uuid()}`,
    timestamp: new Date(now).toISOString(),
    components: audited.map((one) => ({ ...one, ref: packageUrl(one.name, one.version) })),
  };
}

/** Version 4 of RFC 9562. */
function uuid(): string {
  const digits = randomHex(16).split("");
  digits[12] = "4";
  digits[16] = ((Number.parseInt(digits[16] ?? "0", 16) & 3) | 8).toString(16);
  return digits.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const vulnerabilityRef = (component: Component, { id }: Vulnerability): string => `${component.ref}#${id}`;

export function cyclonedxJson(report: AuditReport, now: number): string {
  const { serialNumber, timestamp, components } = bomOf(report, now);
  const vulnerabilities = components.flatMap((component) =>
    component.vulnerabilities.map((one): JsonValue => ({
      "bom-ref": vulnerabilityRef(component, one),
      id: one.id,
      description: one.description,
      recommendation: "Upgrade",
      affects: [{ ref: component.ref }],
    })),
  );
  return jsonText({
    $schema: "http://cyclonedx.org/schema/bom-1.4.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.4",
    serialNumber,
    version: 1,
    metadata: { timestamp },
    components: components.map(({ ref, name, version }) => ({ type: "library", "bom-ref": ref, name, version, purl: ref })),
    dependencies: components.map(({ ref }) => ({ ref })),
    ...(vulnerabilities.length === 0 ? {} : { vulnerabilities }),
  });
}

export function cyclonedxXml(report: AuditReport, now: number): string {
  const { serialNumber, timestamp, components } = bomOf(report, now);
  const parts = components.map(
    ({ ref, name, version }) =>
      `<component type="library" bom-ref="${xml(ref)}">${tag("name", name)}${tag("version", version)}${tag("purl", ref)}</component>`,
  );
  const vulnerabilities = components.flatMap((component) =>
    component.vulnerabilities.map(
      (one) =>
        `<vulnerability bom-ref="${xml(vulnerabilityRef(component, one))}">${tag("id", one.id)}${tag("description", one.description)}` +
        `<recommendation>Upgrade</recommendation><affects><target>${tag("ref", component.ref)}</target></affects></vulnerability>`,
    ),
  );
  const rest = vulnerabilities.length === 0 ? "" : `<vulnerabilities>${vulnerabilities.join("")}</vulnerabilities>`;
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.4" serialNumber="${serialNumber}" version="1">` +
    `<metadata>${tag("timestamp", timestamp)}</metadata><components>${parts.join("")}</components>` +
    `<dependencies>${components.map(({ ref }) => `<dependency ref="${xml(ref)}"/>`).join("")}</dependencies>${rest}</bom>\n`
  );
}

const tag = (name: string, text: string): string => `<${name}>${xml(text)}</${name}>`;

/** Control characters cannot stand in XML at all, not even as references. */
const xml = (text: string): string =>
  printable(text)
    .replace(/[\ud800-\udfff\ufffe\uffff]/gu, "\ufffd")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");
