import { describe, expect, test } from "bun:test";
import { lastLines } from "./failure.ts";
import { findMissing, missingHint, type MissingThing } from "./missing.ts";

type Case = readonly [tool: string, log: string, kind: MissingThing["kind"], name: string, hint: RegExp];

// As the tools print them, shortened only before and behind.
const cases: readonly Case[] = [
  [
    "gcc",
    "a.c:15:10: fatal error: ffi.h: No such file or directory\n   15 | #include <ffi.h>\ncompilation terminated.\n",
    "header",
    "ffi.h",
    /libffi-dev/,
  ],
  ["gcc", "st.c:1:10: fatal error: Python.h: No such file or directory\n", "header", "Python.h", /python3-dev \(Fedora: python3-devel\)/],
  [
    "gcc",
    "a.c:1:10: fatal error: nothere/foo.h: No such file or directory\n",
    "header",
    "nothere/foo.h",
    /development files of the library/,
  ],
  [
    "clang",
    "x.c:3:10: fatal error: 'openssl/opensslv.h' file not found\n#include <openssl/opensslv.h>\n1 error generated.\n",
    "header",
    "openssl/opensslv.h",
    /libssl-dev/,
  ],
  [
    "g++",
    "In file included from a.cpp:2:\nb.hpp:9:10: fatal error: boost/config.hpp: No such file or directory\n",
    "header",
    "boost/config.hpp",
    /libboost-all-dev/,
  ],
  [
    "g++ that is not there",
    "gcc: fatal error: cannot execute 'cc1plus': execvp: No such file or directory\ncompilation terminated.\n",
    "compiler",
    "g++",
    /build-essential/,
  ],
  [
    "gcc without memory",
    "g++: fatal error: Killed signal terminated program cc1plus\ncompilation terminated.\n",
    "memory",
    "memory",
    /memory ran out/,
  ],
  ["a full disk", "/tmp/ccX.s: Fatal error: can't close x.o: No space left on device\n", "space", "space", /TMPDIR/],
  [
    "ld",
    "/usr/bin/ld: cannot find -lpq: No such file or directory\ncollect2: error: ld returned 1 exit status\n",
    "library",
    "pq",
    /libpq-dev/,
  ],
  ["ld", "/usr/bin/ld: cannot find -lnothere: No such file or directory\n", "library", "nothere", /libnothere-dev/],
  [
    "the loader",
    "OSError: libhdf5.so: cannot open shared object file: No such file or directory\n",
    "library",
    "libhdf5.so",
    /libhdf5-dev/,
  ],
  [
    "setuptools",
    "building 'st' extension\ngcc -Wall -fPIC -c st.c -o st.o\nerror: command 'gcc' failed: No such file or directory\n",
    "compiler",
    "gcc",
    /build-essential/,
  ],
  [
    "setuptools",
    "error: command '/usr/bin/x86_64-linux-gnu-gcc' failed: No such file or directory\n",
    "compiler",
    "x86_64-linux-gnu-gcc",
    /build-essential/,
  ],
  ["older setuptools", "unable to execute 'gcc': No such file or directory\n", "compiler", "gcc", /build-essential/],
  ["setuptools and C++", "error: command 'g++' failed: No such file or directory\n", "compiler", "g++", /build-essential/],
  [
    "setuptools and swig",
    "swigging st.i to st_wrap.c\nswig -python -o st_wrap.c st.i\nerror: command 'swig' failed: No such file or directory\n",
    "program",
    "swig",
    /in swig/,
  ],
  [
    "setuptools-rust",
    "running build_rust\nerror: can't find Rust compiler\n\nIf you are using an outdated pip version,\n",
    "program",
    "Rust compiler",
    /rustup/,
  ],
  [
    "maturin",
    "Checking for Rust toolchain....\nRust not found, installing into a temporary directory\n",
    "program",
    "Rust compiler",
    /rustup/,
  ],
  [
    "maturin",
    "\nCargo, the Rust package manager, is not installed or is not on PATH.\nThis package requires Rust and Cargo to compile extensions.\n",
    "program",
    "Rust compiler",
    /rustup/,
  ],
  [
    "rustc",
    "   Compiling mt v1.0.0\nerror: linker `cc` not found\n  |\n  = note: No such file or directory (os error 2)\n",
    "compiler",
    "cc",
    /build-essential/,
  ],
  [
    "cargo",
    "error: rustc 1.75.0 is not supported by the following package:\n  mt@1.0.0 requires rustc 1.85\n",
    "program",
    "rustc 1.85",
    /Rust compiler here is too old: 1\.85 or newer/,
  ],
  [
    "cargo",
    "  feature `edition2024` is required\n\n  The package requires the Cargo feature called `edition2024`\n",
    "program",
    "rustc 1.85",
    /too old/,
  ],
  [
    "the cc crate",
    '  error occurred in cc-rs: failed to find tool "cc": No such file or directory (os error 2). Failed to find tool. Is `cc` installed?\n',
    "compiler",
    "cc",
    /build-essential/,
  ],
  [
    "openssl-sys",
    "  Could not find directory of OpenSSL installation, and this `-sys` crate cannot\n  proceed without this knowledge.\n",
    "library",
    "openssl",
    /libssl-dev/,
  ],
  [
    "the pkg-config crate",
    "  The system library `dbus-1` required by crate `libdbus-sys` was not found.\n",
    "library",
    "dbus-1",
    /libdbus-1-dev/,
  ],
  [
    "the pkg-config crate",
    "  Could not run `PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 pkg-config --libs --cflags dbus-1`\n  The pkg-config command could not be found.\n",
    "program",
    "pkg-config",
    /pkgconf/,
  ],
  [
    "bindgen",
    "  thread 'main' panicked: Unable to find libclang: \"couldn't find any valid shared libraries\"\n",
    "library",
    "libclang",
    /libclang-dev/,
  ],
  [
    "prost",
    "  Error: Could not find `protoc`. If `protoc` is installed, try setting the `PROTOC` environment variable\n",
    "program",
    "protoc",
    /protobuf-compiler/,
  ],
  [
    "meson",
    "../meson.build:1:0: ERROR: Unknown compiler(s): [['cc'], ['gcc'], ['clang']]\nThe following exception(s) were encountered:\nRunning `cc --version` gave \"[Errno 2] No such file or directory: 'cc'\"\n",
    "compiler",
    "cc",
    /build-essential/,
  ],
  [
    "meson",
    "../meson.build:1:0: ERROR: Unknown compiler(s): [['gfortran'], ['flang']]\nRunning `gfortran --version` gave \"[Errno 2] No such file or directory: 'gfortran'\"\n",
    "compiler",
    "gfortran",
    /gcc-gfortran/,
  ],
  [
    "meson",
    'Run-time dependency openblas found: NO (tried pkg-config and cmake)\n\nmeson.build:2:0: ERROR: Dependency "openblas" not found (tried pkg-config and cmake)\n',
    "library",
    "openblas",
    /libopenblas-dev/,
  ],
  [
    "meson",
    "meson.build:2:0: ERROR: Dependency lookup for libfoo with method 'pkg-config' failed: Pkg-config for machine host machine not found. Giving up.\n",
    "program",
    "pkg-config",
    /pkgconf/,
  ],
  ["meson", "meson.build:3:3: ERROR: C header 'foo/bar.h' not found\n", "header", "foo/bar.h", /foo\/bar\.h is missing/],
  ["meson", "meson.build:2:0: ERROR: Program 'swig' not found or not executable\n", "program", "swig", /in swig/],
  ["meson", "meson.build:4:3: ERROR: C shared or static library 'foo' not found\n", "library", "foo", /libfoo-dev/],
  [
    "meson",
    "Run-time dependency python found: NO (tried pkgconfig, pkgconfig and sysconfig)\n../meson.build:9:31: ERROR: Python dependency not found\n",
    "header",
    "Python.h",
    /python3-dev/,
  ],
  [
    "CMake",
    'CMake Error at CMakeLists.txt:3 (find_package):\n  By not providing "FindZLIBX.cmake" in CMAKE_MODULE_PATH this project has\n  asked CMake to find a package configuration file provided by "ZLIBX", but\n  CMake did not find one.\n',
    "library",
    "ZLIBX",
    /libzlibx-dev/,
  ],
  [
    "CMake",
    "CMake Error at FindPackageHandleStandardArgs.cmake:230 (message):\n  Could NOT find ZLIB (missing: ZLIB_LIBRARY ZLIB_INCLUDE_DIR)\n",
    "library",
    "ZLIB",
    /zlib1g-dev/,
  ],
  [
    "CMake",
    '  Could NOT find Python (missing: Python_INCLUDE_DIRS Development.Module) (found version "3.11.7")\n',
    "header",
    "Python.h",
    /python3-dev/,
  ],
  [
    "CMake and pkg-config",
    "-- Checking for module 'libfoo'\n--   Package 'libfoo', required by 'virtual:world', not found\nCMake Error at FindPkgConfig.cmake:607 (message):\n  A required package was not found\n",
    "library",
    "libfoo",
    /often libfoo-dev/,
  ],
  [
    "CMake",
    "CMake Error at FindPackageHandleStandardArgs.cmake:230 (message):\n  Could NOT find PkgConfig (missing: PKG_CONFIG_EXECUTABLE)\n",
    "program",
    "pkg-config",
    /pkgconf/,
  ],
  ["CMake", "CMake Error at CMakeLists.txt:2 (project):\n  No CMAKE_CXX_COMPILER could be found.\n", "compiler", "c++", /build-essential/],
  [
    "CMake",
    "CMake Error: CMAKE_C_COMPILER not set, after EnableLanguage\n-- Configuring incomplete, errors occurred!\n",
    "compiler",
    "cc",
    /build-essential/,
  ],
  [
    "CMake",
    'CMake Error: CMake was unable to find a build program corresponding to "Ninja".  CMAKE_MAKE_PROGRAM is not set.\n',
    "program",
    "ninja",
    /ninja-build/,
  ],
  [
    "CMake",
    "CMake Error at CMakeLists.txt:1 (cmake_minimum_required):\n  CMake 3.45 or higher is required.  You are running version 3.25.1\n",
    "program",
    "CMake 3.45",
    /CMake here is too old: 3\.45 or newer/,
  ],
  [
    "scikit-build-core",
    "scikit_build_core.errors.CMakeNotFoundError: Could not find CMake with version >=3.15\n",
    "program",
    "cmake",
    /in cmake/,
  ],
  [
    "autoconf",
    "configure: error: in `/x/y':\nconfigure: error: no acceptable C compiler found in $PATH\nSee `config.log' for more details\n",
    "compiler",
    "cc",
    /build-essential/,
  ],
  ["a shell", "/bin/sh: 1: autoreconf: not found\n", "program", "autoreconf", /in autoconf/],
  [
    "pkg-config",
    "Package libffi was not found in the pkg-config search path.\nPerhaps you should add the directory containing `libffi.pc'\n",
    "library",
    "libffi",
    /libffi-dev/,
  ],
  [
    "psycopg2",
    "Error: pg_config executable not found.\n\npg_config is required to build psycopg2 from source.",
    "program",
    "pg_config",
    /libpq-dev/,
  ],
  [
    "mysqlclient",
    "Exception: Can not find valid pkg-config name.\nSpecify MYSQLCLIENT_CFLAGS and MYSQLCLIENT_LDFLAGS env vars manually\n",
    "library",
    "mysqlclient",
    /default-libmysqlclient-dev/,
  ],
  ["lxml", "Error: Please make sure the libxml2 and libxslt development packages are installed.\n", "library", "libxml2", /libxslt1-dev/],
  [
    "pillow",
    "The headers or library files could not be found for jpeg,\na required dependency when compiling Pillow from source.\n",
    "library",
    "jpeg",
    /libjpeg-dev/,
  ],
  [
    "pycurl",
    "__main__.ConfigurationError: Could not run curl-config: [Errno 2] No such file or directory: 'curl-config'\n",
    "program",
    "curl-config",
    /libcurl4-openssl-dev/,
  ],
  [
    "torch extensions",
    "OSError: CUDA_HOME environment variable is not set. Please set it to your CUDA install root.\n",
    "compiler",
    "nvcc",
    /CUDA toolkit/,
  ],
  ["Python", "FileNotFoundError: [Errno 2] No such file or directory: 'cmake'\n", "program", "cmake", /in cmake/],
  ["Python", "error: [Errno 2] No such file or directory: 'g++'\n", "compiler", "g++", /build-essential/],
  ["Python", "ModuleNotFoundError: No module named 'numpy'\n", "module", "numpy", /--no-build-isolation/],
  ["Python", "ModuleNotFoundError: No module named 'distutils.core'\n", "module", "distutils.core", /Python 3\.12/],
  ["Python", "ModuleNotFoundError: No module named 'pipes'\n", "module", "pipes", /newer Pythons do not have/],
  ["Python", "ModuleNotFoundError: No module named 'pkg_resources'\n", "module", "pkg_resources", /--build-constraint/],
];

test.each(cases)("%s: %j", (...[, log, kind, name, hint]) => {
  expect(findMissing(log)).toEqual({ kind, name });
  expect(missingHint({ kind, name }, false)).toMatch(hint);
});

test("a log that says nothing of the kind", () => {
  for (const log of [
    "error: something else\nNo such file or directory: '/etc/x y'",
    "error: command 'rebuild' was not given a target",
    "cargo 1.99.1 (5f94df478 2026-08-27)\nRust not found, installing into a temporary directory\nCaused by: Cargo metadata failed.",
    "running build_ext\nerror: command '/usr/bin/gcc' failed with exit code 1",
  ])
    expect(findMissing(log)).toBeUndefined();
});

test("what stopped the build stands at the end, and what it probed for before it", () => {
  const probes = "--   Package 'optional-thing', required by 'virtual:world', not found\n/bin/sh: 1: swig: not found\n";
  const work = "compiling\n".repeat(100);
  expect(findMissing(`${probes}${work}x.cpp:1:10: fatal error: zlib.h: No such file or directory\n`)).toEqual({
    kind: "header",
    name: "zlib.h",
  });
  expect(findMissing(`${probes}${work}/usr/bin/ld: cannot find -lssl: No such file or directory\n`)).toEqual({
    kind: "library",
    name: "ssl",
  });
  expect(findMissing(`${work}x.c:1:10: fatal error: ffi.h: No such file or directory\n${work}`)).toEqual({ kind: "header", name: "ffi.h" });
});

describe("64 KiB of hostile log are read in a moment", () => {
  test.each([
    "fatal error: ",
    "error: command '",
    "a".repeat(64),
    "a-".repeat(32),
    "Unknown compiler",
    "No such file or directory: '",
    "/".repeat(80),
    "Package '",
    "Could NOT find Python (missing: ",
    "provided by        ",
    "pg_config ",
  ])("%j", (piece) => {
    for (const log of [piece.repeat(Math.ceil(65_536 / piece.length)), `${piece}\n`.repeat(Math.ceil(65_536 / piece.length))]) {
      const started = Date.now();
      findMissing(log);
      lastLines(log);
      expect(Date.now() - started).toBeLessThan(400);
    }
  });
});
