import type { Line } from "../line.ts";

const lib = "lib-1.0-py3-none-any.whl";

export const urlLines: readonly Line[] = [
  { args: `install {files}/${lib}` },
  { args: ["install", `lib @ {files}/${lib}`] },
  { args: `install {files}/${lib}#sha256={sha256:${lib}}` },
  { args: `install {files}/${lib}#sha256=${"0".repeat(64)}` },
  { args: ["install", `app @ {files}/${lib}`], apart: { what: ["status"], why: "pip ends with a traceback" } },
  { args: `install file://{wheels}/${lib}` },
  { args: ["install", `lib @ file://{wheels}/${lib}`] },
  { args: "install {files}/nothing-1.0-py3-none-any.whl" },
  {
    args: `install {files}/${lib}`,
    in: "some",
    apart: {
      what: ["words", "environment"],
      why: "pip keeps a file of the same version from elsewhere; pen takes the very file that was named",
    },
  },
  { args: ["install", `lib @ {files}/${lib}`, "app"] },
  { args: ["install", `lib @ {files}/${lib}`, "lib==2.0"] },
  { args: ["install", "app[one] @ {files}/app-1.0-py3-none-any.whl"] },
  { args: "install {files}/built-1.0.tar.gz" },
];

export const editableLines: readonly Line[] = [
  { args: "install -e {shared}/project" },
  { args: "install --no-deps -e {shared}/project" },
  { args: "install -e {shared}/project", in: "editable" },
  { args: "install {shared}/project", in: "editable" },
  { args: "install -e nowhere" },
  { args: "install -e {shared}" },
  { args: "install -e lib" },
  { args: "list", in: "editable", stdout: "same" },
  { args: "list -e", in: "editable", stdout: "same" },
  { args: "list --exclude-editable", in: "editable", stdout: "same" },
  { args: "list --format json", in: "editable", stdout: "json" },
  { args: "freeze", in: "editable", stdout: "same" },
  { args: "freeze --exclude-editable", in: "editable", stdout: "same" },
  { args: "show edited", in: "editable", stdout: "same" },
  { args: "show -f edited", in: "editable", stdout: "same" },
  { args: "inspect", in: "editable", stdout: "json" },
  { args: "uninstall -y edited", in: "editable" },
  { args: "check", in: "editable", stdout: "same" },
];

export const sourceLines: readonly Line[] = [
  { args: "install built" },
  { args: "install built==1.0" },
  { args: "install --no-binary :all: built==1.0" },
  { args: "install --only-binary :all: built" },
  { args: "install both" },
  { args: "install --prefer-binary both" },
  { args: "install --only-binary both both" },
  { args: "install --no-binary both both==1.0" },
  { args: "install failing" },
  { args: "install {shared}/project" },
  {
    args: "install .",
    files: { "pyproject.toml": '[project]\nname = "x"\nversion = "1"\n[build-system]\nrequires = []\nbuild-backend = "nothing"\n' },
  },
  { args: "install ." },
];
