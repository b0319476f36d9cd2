import { describe, expect, test } from "bun:test";
import { isPenError } from "#foundation";
import { parseRequirement, requirementText } from "./index.ts";

describe("PEP 508 examples", () => {
  test.each([
    ["A", "A"],
    ["A.B-C_D", "A.B-C_D"],
    ["aa", "aa"],
    ["name", "name"],
    ["name<=1", "name<=1"],
    ["name>=3", "name>=3"],
    ["name>=3,", "name>=3"],
    ["name>=3,<2", "name>=3,<2"],
    ["name@http://foo.com", "name @ http://foo.com"],
    ["name [fred,bar] @ http://foo.com ; python_version=='2.7'", "name[fred,bar] @ http://foo.com ; python_version == '2.7'"],
    [
      "name[quux, strange];python_version<'2.7' and platform_version=='2'",
      "name[quux,strange]; python_version < '2.7' and platform_version == '2'",
    ],
    ["name; os_name=='a' or os_name=='b'", "name; os_name == 'a' or os_name == 'b'"],
    ["name; os_name=='a' and os_name=='b' or os_name=='c'", "name; os_name == 'a' and os_name == 'b' or os_name == 'c'"],
    ["name; os_name=='a' and (os_name=='b' or os_name=='c')", "name; os_name == 'a' and (os_name == 'b' or os_name == 'c')"],
    [
      'requests [security,tests] >= 2.8.1, == 2.8.* ; python_version < "2.7"',
      "requests[security,tests]>=2.8.1,==2.8.*; python_version < '2.7'",
    ],
    [
      "pip @ https://github.com/pypa/pip/archive/1.3.1.zip#sha1=da9234ee9982d4bbb3c72346a6de940a148ea686",
      "pip @ https://github.com/pypa/pip/archive/1.3.1.zip#sha1=da9234ee9982d4bbb3c72346a6de940a148ea686",
    ],
    ["pip @ file:///localbuilds/pip-1.3.1.zip", "pip @ file:///localbuilds/pip-1.3.1.zip"],
    ["name (>=1.0, <2) ; extra == 'Test_It'", "name>=1.0,<2; extra == 'test-it'"],
    ["name()", "name"],
    ["name[]", "name"],
    ["name[A_b,a.B]", "name[a-b]"],
    ["name===1.0*weird;os_name=='a'", "name===1.0*weird; os_name == 'a'"],
    ["name @ git+https://host/x.git@main;a=b", "name @ git+https://host/x.git@main;a=b"],
    [" name ~= 1.4.2 ", "name~=1.4.2"],
  ])("%s", (given, expected) => {
    const { rawExtras: _written, ...requirement } = parseRequirement(given);
    expect(requirementText(requirement)).toBe(expected);
    expect(requirementText(parseRequirement(expected))).toBe(expected);
    expect(parseRequirement(expected)).toEqual(requirement);
  });
});

test("the parts", () => {
  const requirement = parseRequirement("Foo.Bar[X_1]>=1; python_version < '4'");
  expect(requirement.rawExtras).toEqual(["X_1"]);
  expect(parseRequirement("foo[x-1,y]")).not.toHaveProperty("rawExtras");
  expect<string>(requirement.name).toBe("foo-bar");
  expect(requirement.rawName).toBe("Foo.Bar");
  expect<readonly string[]>(requirement.extras).toEqual(["x-1"]);
  expect("url" in requirement).toBe(false);
  expect("marker" in parseRequirement("a")).toBe(false);
  expect(parseRequirement("a @ https://x/y.whl").url).toBe("https://x/y.whl");
});

describe("a syntax error points at its column", () => {
  test.each([
    ["", 1],
    ["-a", 1],
    ["a-", 2],
    ["a b", 3],
    ["a[", 3],
    ["a[x", 2],
    ["a[x y]", 5],
    ["a[x,]", 5],
    ["a>=", 4],
    ["a>=1 b", 6],
    ["a>=1;", 6],
    ["a (>=1", 3],
    ["a (>=1]", 7],
    ["a @", 4],
    ["a==1.x", 4],
    ["a; python_version >= 3", 22],
    ["a; foo == 'x'", 4],
    ["a; (os_name == 'x'", 19],
    ["a; os_name == 'x' junk", 19],
    ["a=1", 2],
    ["a/b", 2],
    ["./a", 1],
  ])("%j at %d", (given, column) => {
    try {
      parseRequirement(given);
      expect.unreachable();
    } catch (error) {
      if (!isPenError(error, "INVALID_REQUIREMENT")) throw error;
      expect(error.data).toEqual({ text: given, column });
      const lines = error.why?.split("\n") ?? [];
      expect(lines[lines.length - 2]).toBe(`  ${given}`);
      expect(lines[lines.length - 1]).toBe(`${" ".repeat(column + 1)}^`);
    }
  });

  test("far into a long text, only the neighbourhood is shown, and no control character", () => {
    try {
      parseRequirement(`a; os_name == '${"x".repeat(5000)}' \u001b[31mjunk${"y".repeat(5000)}`);
      expect.unreachable();
    } catch (error) {
      if (!isPenError(error, "INVALID_REQUIREMENT")) throw error;
      const lines = error.why?.split("\n") ?? [];
      expect(lines).toHaveLength(3);
      expect(lines[1]!.length).toBeLessThan(120);
      expect(lines[1]![lines[2]!.indexOf("^")]).toBe("\ufffd");
      expect(error.message + error.why).not.toContain("\u001b");
    }
  });
});
