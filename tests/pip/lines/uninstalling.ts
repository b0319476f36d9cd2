import type { Line } from "../line.ts";

export const uninstallLines: readonly Line[] = [
  { args: "uninstall -y lib", in: "some" },
  { args: "uninstall -y app", in: "some" },
  { args: "uninstall --yes LIB App", in: "some" },
  { args: "uninstall -y dotted_name-pkg", in: "some" },
  { args: "uninstall -y nowhere", in: "some" },
  { args: "uninstall -y nowhere lib", in: "some" },
  { args: "uninstall -y nowhere", in: "empty" },
  { args: "uninstall -y -r r.txt", in: "some", files: { "r.txt": "lib\nnowhere\napp==1.0\n" } },
  { args: "uninstall -y lib==9", in: "some" },
  { args: "uninstall -y ./lib", in: "some", apart: { what: ["words"], why: "only the error is told" } },
  { args: "uninstall" },
  { args: "uninstall -y -r r.txt", in: "some", files: { "r.txt": "" } },
  { args: "uninstall -y -r nowhere.txt", in: "some" },
  { args: "uninstall -qy lib", in: "some" },
  { args: "uninstall -y local-wheel", in: "some" },
  { args: "uninstall lib", in: "some", input: "n\n", env: { PIP_NO_INPUT: "" } },
  { args: "uninstall lib", in: "some", input: "y\n", env: { PIP_NO_INPUT: "" } },
  { args: "uninstall lib", in: "some" },
  { args: "uninstall lib", in: "some", env: { PIP_NO_INPUT: "" } },
  { args: "uninstall nowhere", in: "some" },
];
