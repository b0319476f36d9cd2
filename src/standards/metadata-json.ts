import type { CoreMetadata } from "./metadata.ts";

/** Core metadata as JSON: lower-case field names with '_' for '-', lists for fields that may stand several times. */
export type MetadataJson = Readonly<Record<string, string | readonly string[]>>;

/** The fields in the order in which pip prints them. */
const fields: readonly (readonly [key: string, field: keyof CoreMetadata])[] = [
  ["metadata_version", "metadataVersion"],
  ["name", "name"],
  ["version", "version"],
  ["dynamic", "dynamic"],
  ["platform", "platforms"],
  ["supported_platform", "supportedPlatforms"],
  ["summary", "summary"],
  ["description", "description"],
  ["description_content_type", "descriptionContentType"],
  ["keywords", "keywords"],
  ["home_page", "homePage"],
  ["download_url", "downloadUrl"],
  ["author", "author"],
  ["author_email", "authorEmail"],
  ["maintainer", "maintainer"],
  ["maintainer_email", "maintainerEmail"],
  ["license", "license"],
  ["license_expression", "licenseExpression"],
  ["license_file", "licenseFiles"],
  ["classifier", "classifiers"],
  ["requires_dist", "requiresDist"],
  ["requires_python", "requiresPython"],
  ["requires_external", "requiresExternal"],
  ["project_url", "projectUrls"],
  ["provides_extra", "providesExtra"],
  ["provides_dist", "providesDist"],
  ["obsoletes_dist", "obsoletesDist"],
  ["import_name", "importNames"],
  ["import_namespace", "importNamespaces"],
];

/**
 * The `metadata` object of `pip inspect` and `pip install --report`: PEP 566's transformation. Absent fields are left
 * out; the fields of metadata 1.1 that name modules are not part of it.
 */
export function metadataJson(metadata: CoreMetadata): MetadataJson {
  const result: Record<string, string | readonly string[]> = {};
  for (const [key, field] of fields) {
    const value = metadata[field];
    if (value === undefined || (Array.isArray(value) && value.length === 0 && field !== "keywords")) continue;
    result[key] = value;
  }
  return result;
}
