/**
 * The rooms of the house (docs/architecture.md) and which other rooms each may enter. This table is the only place that
 * says so; the import rules below are generated from it, and tests/architecture.test.ts proves that they bite.
 */
export const rooms = {
  foundation: [],
  standards: ["foundation"],
  python: ["foundation", "standards"],
  index: ["foundation", "standards"],
  project: ["foundation", "standards"],
  lock: ["foundation", "standards"],
  store: ["foundation", "standards"],
  resolver: ["foundation", "standards", "lock"],
  venv: ["foundation", "standards", "python"],
  builds: ["foundation", "standards", "python"],
  installer: ["foundation", "standards", "lock", "store", "venv"],
  operations: ["foundation", "standards", "python", "index", "project", "lock", "store", "resolver", "venv", "builds", "installer"],
  ui: ["foundation"],
  cli: ["foundation", "standards", "operations", "ui"],
};

const builtins = {
  fs: { names: ["node:fs", "node:fs/promises", "fs", "fs/promises"], message: "Go through #foundation, the one door to the file system." },
  paths: { names: ["node:path", "path"], message: "Use the paths of #foundation: most need no module to be loaded." },
  processes: { names: ["node:child_process", "child_process"], message: "Go through runProcess of #foundation." },
  bun: {
    names: ["bun", "bun:ffi", "bun:sqlite"],
    message: "Only runtime.ts and ffi.ts of src/foundation may touch Bun.",
  },
};

function importRules(room, allowed) {
  const forbiddenRooms = Object.keys(rooms).filter((other) => other !== room && !allowed.includes(other));
  const others = Object.keys(rooms).filter((other) => other !== room);
  // Regular expressions: the globs of `group` know neither a leading `#` nor `../`.
  const patterns = [
    { regex: `^(\\.\\./)+(src/)?(${others.join("|")})(/|$)`, message: "A room is entered by its name (#room), never by a path." },
    { regex: "^#[^/]+/", message: "A room is entered by its index.ts: #room, nothing behind it." },
    ...(forbiddenRooms.length === 0
      ? []
      : [{ regex: `^#(${forbiddenRooms.join("|")})$`, message: `${room} may enter: ${allowed.join(", ") || "no room"}.` }]),
    { regex: `^#${room}$`, message: "Inside a room, import by a relative path." },
  ];
  const bans = room === "foundation" ? [builtins.bun, builtins.paths] : Object.values(builtins);
  const paths = bans.flatMap(({ names, message }) => names.map((name) => ({ name, message })));
  return {
    files: [`src/${room}/**/*.ts`],
    excludeFiles: [
      "**/*.test.ts",
      ...(room === "foundation" ? ["src/foundation/runtime.ts", "src/foundation/ffi.ts", "src/foundation/paths.ts"] : []),
    ],
    rules: { "no-restricted-imports": ["error", { paths, patterns }] },
  };
}

export default {
  plugins: ["typescript", "import", "unicorn", "oxc"],
  categories: { correctness: "error", suspicious: "error", perf: "error" },
  ignorePatterns: ["dist", "node_modules", "bench/recordings"],
  rules: {
    "import/no-cycle": ["error", { ignoreTypes: false }],
    "max-lines": ["error", { max: 350, skipBlankLines: true, skipComments: true }],
    "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
    "max-params": ["error", { max: 4 }],
    "no-await-in-loop": "off",
    "oxc/no-map-spread": "off",
    "no-control-regex": "off",
    // It does not see what callbacks and events change while a loop waits.
    "no-unmodified-loop-condition": "off",
    "no-shadow": "off",
    "no-underscore-dangle": "off",
    "prefer-spread": "off",
    "unicorn/no-array-sort": "off",
    "unicorn/no-array-reverse": "off",
    "unicorn/consistent-function-scoping": "off",
    "unicorn/prefer-add-event-listener": "off",
    // For three names an array is as quick, and costs a short command less: the engine makes `Set` when it is first named.
    "unicorn/prefer-set-has": "off",
    "unicorn/no-useless-switch-case": "off",
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/switch-exhaustiveness-check": "error",
    "typescript/no-explicit-any": "error",
    "typescript/consistent-type-imports": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/no-unsafe-type-assertion": "off",
    "typescript/no-unnecessary-boolean-literal-compare": "off",
    "typescript/no-unnecessary-type-parameters": "off",
    "typescript/consistent-return": "off",
    "typescript/unbound-method": "off",
  },
  overrides: [
    ...Object.entries(rooms).map(([room, allowed]) => importRules(room, allowed)),
    {
      files: ["src/**/*.ts"],
      excludeFiles: ["**/*.test.ts", "src/foundation/**", "src/cli/**"],
      rules: {
        "no-restricted-properties": [
          "error",
          { object: "process", property: "env", message: "Take a Host value." },
          { object: "process", property: "cwd", message: "Take a Host value." },
        ],
      },
    },
    {
      files: ["**/*.test.ts", "tests/**", "bench/**", "scripts/**"],
      rules: {
        "max-lines-per-function": "off",
        "max-lines": ["error", { max: 600, skipBlankLines: true, skipComments: true }],
        "typescript/no-non-null-assertion": "off",
        // Bun's types say that the matchers after `.rejects` give nothing; they give a promise.
        "typescript/await-thenable": "off",
        // Node's runner waits for its tests by itself.
        "typescript/no-floating-promises": [
          "error",
          {
            allowForKnownSafeCalls: [
              { from: "package", name: ["test", "it", "describe", "suite", "before", "after"], package: "node:test" },
            ],
          },
        ],
        // Facts of an error are JSON; a test that shows one may show `[object Object]`.
        "typescript/no-base-to-string": "off",
      },
    },
    {
      // JavaScript has no types to check a template by.
      files: ["**/*.mjs"],
      rules: { "typescript/restrict-template-expressions": "off" },
    },
  ],
};
