/** What the log of a build says is missing on this machine, and where to get it: tables over the words of compilers and build tools. */

/** What a log says is missing. */
export interface MissingThing {
  readonly kind: "header" | "compiler" | "library" | "program" | "module" | "memory" | "space";
  readonly name: string;
}

interface Clue {
  readonly kind: MissingThing["kind"];
  /** The first group is the name, where {@link name} does not give it. */
  readonly pattern: RegExp;
  readonly name?: string;
}

const configPrograms =
  "pg_config|mysql_config|mariadb_config|krb5-config|xml2-config|xslt-config|curl-config|nc-config|gdal-config|geos-config|llvm-config|icu-config|freetype-config|sdl2-config";
const compilers = "gcc|g\\+\\+|cc|c\\+\\+|clang|clang\\+\\+|gfortran|f95|nvcc|ld";

// The first clue that fits is taken: the particular ones stand before the general ones.
const clues: readonly Clue[] = [
  { kind: "space", pattern: /No space left on device/, name: "space" },
  {
    kind: "memory",
    pattern: /Killed signal terminated program|internal compiler error: Killed|virtual memory exhausted|Cannot allocate memory/,
    name: "memory",
  },
  // gcc, clang, meson; the Python headers are asked for by name as well.
  { kind: "header", pattern: /fatal error:? '?([\w./+-]{1,100}\.h(?:pp|h|xx)?)'?(?::| file)/ },
  { kind: "header", pattern: /ERROR: C(?:\+\+)? header '([\w./+-]{1,100})' not found/ },
  { kind: "header", pattern: /([\w./+-]{1,100}\.h): No such file or directory/ },
  { kind: "header", pattern: /Could NOT find Python3? \(missing: [^)\n]{0,200}(?:INCLUDE_DIR|Development)/, name: "Python.h" },
  { kind: "header", pattern: /ERROR: Python dependency not found|Dependency "python3?" not found/, name: "Python.h" },
  // Rust: a toolchain that is too old, none, and what crates ask for.
  { kind: "program", pattern: /\b(?:requires|requires at least) (rustc \d+\.\d+(?:\.\d+)?)/ },
  { kind: "program", pattern: /feature `edition2024` is required/, name: "rustc 1.85" },
  {
    kind: "program",
    pattern:
      /can't find Rust compiler|Rust not found(?!, installing)|Cargo, the Rust package manager, is not installed|(?:cannot|could not|can't) find (?:the )?(?:cargo|rustc)\b|No such file or directory: '(?:cargo|rustc)'|(?:cargo|rustc): (?:command )?not found|requires? (?:the )?(?:Rust compiler|cargo)\b/i,
    name: "Rust compiler",
  },
  // Maturin's helper fetches a toolchain where there is none; unless it came, its cargo never said its version.
  { kind: "program", pattern: /^(?![^]*\bcargo \d+\.\d+\.\d+ \()[^]*Rust not found, installing/, name: "Rust compiler" },
  { kind: "program", pattern: /Could not find `(protoc)`/ },
  { kind: "library", pattern: /Unable to find (libclang)/ },
  { kind: "library", pattern: /Could not find directory of OpenSSL installation/, name: "openssl" },
  { kind: "library", pattern: /system library `([\w.+-]{1,60})` required by crate/ },
  // Programs that tell compilers where libraries are.
  { kind: "program", pattern: new RegExp(`\\b(${configPrograms})\\b[^\\n]{0,80}(?:not found|required|missing|No such file)`, "i") },
  { kind: "library", pattern: /Can not find valid pkg-config name\.\s*Specify MYSQLCLIENT_CFLAGS/, name: "mysqlclient" },
  {
    kind: "program",
    pattern:
      /Pkg-config for machine [\w ]{1,40} not found|Could NOT find PkgConfig|(?:pkg-config|pkgconf)(?: command)? could not be (?:run|found)|[Cc]ould not run pkg-config/,
    name: "pkg-config",
  },
  // Compilers: setuptools, meson, CMake, autoconf, gcc without its parts, rustc and the cc crate.
  {
    kind: "compiler",
    pattern: new RegExp(
      `(?:unable to execute|error: command) '(?:[\\w./-]*/)?((?:[\\w.+]{1,20}-){0,4}(?:${compilers})(?:-\\d+)?)'[^\\n]{0,40}(?:No such file|not found)`,
    ),
  },
  { kind: "compiler", pattern: /(?:Unknown|No acceptable C|no C) compiler(?:\(s\))?:? \[\[?'?([\w+-]{1,30})/i },
  { kind: "compiler", pattern: /no acceptable C compiler found/, name: "cc" },
  { kind: "compiler", pattern: /C compiler cannot create executables/, name: "cc" },
  { kind: "compiler", pattern: /No CMAKE_C_COMPILER could be found|CMAKE_C_COMPILER not set/, name: "cc" },
  { kind: "compiler", pattern: /No CMAKE_CXX_COMPILER could be found|CMAKE_CXX_COMPILER not set/, name: "c++" },
  { kind: "compiler", pattern: /No CMAKE_Fortran_COMPILER could be found|CMAKE_Fortran_COMPILER not set/, name: "gfortran" },
  { kind: "compiler", pattern: /cannot execute '?cc1plus'?/, name: "g++" },
  { kind: "compiler", pattern: /linker `([\w.+-]{1,30})` not found/ },
  { kind: "compiler", pattern: /[Ff]ailed to find tool\. Is `([\w.+-]{1,40})` installed\?/ },
  { kind: "compiler", pattern: /CUDA_HOME environment variable is not set|No CMAKE_CUDA_COMPILER could be found/, name: "nvcc" },
  // Build tools.
  { kind: "program", pattern: /(CMake \d+(?:\.\d+){0,2}) or higher is required/ },
  { kind: "program", pattern: /CMakeNotFoundError|CMake must be installed|Problem with the CMake installation/, name: "cmake" },
  { kind: "program", pattern: /unable to find a build program corresponding to "(?:Unix Makefiles)"/, name: "make" },
  { kind: "program", pattern: /unable to find a build program corresponding to "(?:Ninja)"/, name: "ninja" },
  { kind: "program", pattern: /ERROR: Program '([\w.+-]{1,60})' not found/ },
  {
    kind: "program",
    pattern: /(?:unable to execute|error: command) '(?:[\w./-]*\/)?([\w.+-]{1,60})'[^\n]{0,40}(?:No such file|not found)/,
  },
  { kind: "program", pattern: /No such file or directory: '([\w.+-]{1,60})'/ },
  {
    kind: "program",
    pattern:
      /(?:^|\s)(cmake|ninja|meson|make|swig|pkg-config|git|cython|autoconf|autoreconf|automake|libtoolize|bison|flex|perl|nasm|yasm|patch|unzip|curl|wget|node|npm|go|java|javac|bazel)(?::|\s)[^\n]{0,40}(?:not found|command not found|is required|must be installed)/im,
  },
  // Libraries: the linker, CMake, meson, pkg-config, the loader.
  { kind: "library", pattern: /cannot find -l([\w+.-]{1,60})/ },
  { kind: "library", pattern: /configuration file provided by\s{1,8}"([\w+.-]{1,60})"/ },
  { kind: "library", pattern: /Could NOT find ([\w+.-]{1,60}) \(missing:/ },
  { kind: "library", pattern: /ERROR: Dependency "([\w+.-]{1,60})" not found/ },
  { kind: "library", pattern: /ERROR: C(?:\+\+)? (?:shared or static|static|shared) library '([\w+.-]{1,60})' not found/ },
  { kind: "library", pattern: /Package '?([\w.+-]{1,60})'?(?:, required by '[^'\n]{1,60}',)? (?:was )?not found/ },
  { kind: "library", pattern: /No package '([\w.+-]{1,60})' found/ },
  { kind: "library", pattern: /headers or library files could not be found for (\w{1,40})/ },
  { kind: "library", pattern: /make sure the (libxml2) and libxslt development packages are installed/ },
  { kind: "library", pattern: /(lib[\w+-]{1,40}\.so)[\w.]{0,20}: cannot open shared object file/ },
  { kind: "module", pattern: /(?:ModuleNotFoundError|ImportError): No module named '?([\w.]{1,100})'?/ },
];

const compilerName = new RegExp(`^(?:[\\w-]+-)?(?:${compilers})(?:-\\d+)?$`);

/** So many lines at the end of a log are looked at first: what stopped a build stands there, and what it probed for in vain stands before. */
const lastLines = 60;

/** What the log of a build says is missing; undefined when it does not tell. */
export function findMissing(log: string): MissingThing | undefined {
  const lines = log.split("\n");
  return (lines.length > lastLines ? firstClue(lines.slice(-lastLines).join("\n")) : undefined) ?? firstClue(log);
}

function firstClue(log: string): MissingThing | undefined {
  for (const { kind, pattern, name: fixed } of clues) {
    const found = pattern.exec(log);
    const name = found === null ? undefined : (fixed ?? found[1]);
    if (name !== undefined) return { kind: kind === "program" && compilerName.test(name) ? "compiler" : kind, name };
  }
  return undefined;
}

/** What Debian and its kin, and Fedora, call the package of development files; in one entry all names that logs know the thing by. */
const packages: ReadonlyArray<readonly [names: string, debian: string, fedora: string]> = [
  ["Python.h", "python3-dev", "python3-devel"],
  ["ffi.h ffi libffi", "libffi-dev", "libffi-devel"],
  ["openssl/ssl.h openssl/opensslv.h openssl/evp.h openssl OpenSSL ssl crypto", "libssl-dev", "openssl-devel"],
  ["libpq-fe.h pg_config pq PostgreSQL", "libpq-dev", "libpq-devel"],
  ["mysql.h mysql_config mysqlclient", "default-libmysqlclient-dev", "mysql-devel"],
  ["mariadb_config", "libmariadb-dev", "mariadb-connector-c-devel"],
  [
    "libxml/xmlversion.h libxml/tree.h xml2-config xslt-config libxml2 xml2 xslt LibXml2",
    "libxml2-dev and libxslt1-dev",
    "libxml2-devel and libxslt-devel",
  ],
  ["xmlsec1", "libxmlsec1-dev", "xmlsec1-devel"],
  ["zlib.h zlib z ZLIB", "zlib1g-dev", "zlib-devel"],
  ["bzlib.h bz2 BZip2", "libbz2-dev", "bzip2-devel"],
  ["lzma.h lzma liblzma", "liblzma-dev", "xz-devel"],
  ["zstd.h zstd libzstd", "libzstd-dev", "libzstd-devel"],
  ["lz4.h lz4 liblz4", "liblz4-dev", "lz4-devel"],
  ["snappy.h snappy-c.h snappy", "libsnappy-dev", "snappy-devel"],
  ["jpeglib.h jpeg JPEG libjpeg", "libjpeg-dev", "libjpeg-turbo-devel"],
  ["png.h libpng png PNG", "libpng-dev", "libpng-devel"],
  ["ft2build.h freetype2 freetype freetype-config", "libfreetype-dev", "freetype-devel"],
  ["cairo.h cairo", "libcairo2-dev", "cairo-devel"],
  ["girepository.h gobject-introspection-1.0 girepository-2.0", "libgirepository1.0-dev", "gobject-introspection-devel"],
  ["sqlite3.h sqlite3", "libsqlite3-dev", "sqlite-devel"],
  ["sql.h odbc", "unixodbc-dev", "unixODBC-devel"],
  ["curl/curl.h curl-config curl libcurl CURL", "libcurl4-openssl-dev", "libcurl-devel"],
  ["ldap.h lber.h ldap lber", "libldap2-dev", "openldap-devel"],
  ["sasl/sasl.h sasl2", "libsasl2-dev", "cyrus-sasl-devel"],
  ["gssapi/gssapi.h gssapi.h krb5-config krb5.h", "libkrb5-dev", "krb5-devel"],
  ["portaudio.h portaudio", "portaudio19-dev", "portaudio-devel"],
  ["alsa/asoundlib.h asound alsa", "libasound2-dev", "alsa-lib-devel"],
  ["sndfile.h sndfile", "libsndfile1-dev", "libsndfile-devel"],
  ["systemd/sd-daemon.h systemd/sd-journal.h libsystemd", "libsystemd-dev", "systemd-devel"],
  ["dbus/dbus.h dbus-1", "libdbus-1-dev", "dbus-devel"],
  ["sys/acl.h acl", "libacl1-dev", "libacl-devel"],
  ["pcap.h pcap", "libpcap-dev", "libpcap-devel"],
  ["libusb.h libusb-1.0 usb-1.0", "libusb-1.0-0-dev", "libusb1-devel"],
  ["gmp.h gmp", "libgmp-dev", "gmp-devel"],
  ["mpfr.h mpfr", "libmpfr-dev", "mpfr-devel"],
  ["openblas OpenBLAS cblas.h BLAS blas", "libopenblas-dev", "openblas-devel"],
  ["lapack LAPACK", "liblapack-dev", "lapack-devel"],
  ["hdf5.h hdf5 HDF5 libhdf5.so", "libhdf5-dev", "hdf5-devel"],
  ["nc-config netcdf.h netcdf", "libnetcdf-dev", "netcdf-devel"],
  ["gdal.h gdal-config gdal GDAL", "libgdal-dev", "gdal-devel"],
  ["geos_c.h geos-config geos_c", "libgeos-dev", "geos-devel"],
  ["proj.h PROJ proj", "libproj-dev", "proj-devel"],
  ["boost/config.hpp Boost", "libboost-all-dev", "boost-devel"],
  ["Eigen3 Eigen/Core", "libeigen3-dev", "eigen3-devel"],
  ["libclang clang-c/Index.h", "libclang-dev", "clang-devel"],
  ["libavformat libavcodec libavcodec/avcodec.h", "libavformat-dev and libavdevice-dev", "ffmpeg-free-devel"],
  ["sdl2-config SDL2 SDL.h", "libsdl2-dev", "SDL2-devel"],
  ["re2/re2.h re2", "libre2-dev", "re2-devel"],
  ["yaml.h yaml", "libyaml-dev", "libyaml-devel"],
  ["expat.h expat", "libexpat1-dev", "expat-devel"],
  ["ncurses.h curses.h ncurses", "libncurses-dev", "ncurses-devel"],
  ["readline/readline.h readline", "libreadline-dev", "readline-devel"],
  ["zmq.h zmq libzmq", "libzmq3-dev", "zeromq-devel"],
  ["librdkafka/rdkafka.h rdkafka", "librdkafka-dev", "librdkafka-devel"],
  ["libvirt/libvirt.h libvirt", "libvirt-dev", "libvirt-devel"],
  ["libmemcached/memcached.h memcached", "libmemcached-dev", "libmemcached-devel"],
  ["protoc", "protobuf-compiler", "protobuf-compiler"],
  ["pkg-config", "pkg-config", "pkgconf"],
  ["ninja", "ninja-build", "ninja-build"],
  ["autoconf autoreconf", "autoconf", "autoconf"],
  ["gfortran", "gfortran", "gcc-gfortran"],
  ["git", "git", "git"],
  ["cmake", "cmake", "cmake"],
  ["make", "make", "make"],
  ["swig", "swig", "swig"],
];

const providers: ReadonlyMap<string, string> = new Map(
  packages.flatMap(([names, debian, fedora]) =>
    names
      .split(" ")
      .map((name) => [name, `on Debian and Ubuntu it is in ${debian}${fedora === debian ? "" : ` (Fedora: ${fedora})`}`] as const),
  ),
);

/** What to do about it, in a sentence. `legacy` says that the project has no `[build-system]`. */
export function missingHint({ kind, name }: MissingThing, legacy: boolean): string {
  const provider = providers.get(name);
  const where = provider === undefined ? "" : `: ${provider}`;
  switch (kind) {
    case "header":
      return `The C header ${name} is missing${where || ": install the development files of the library that it belongs to"}.`;
    case "compiler":
      return compilerHint(name, where);
    case "library":
      return `The library ${name} is missing${where || `: install its development files (often ${name.startsWith("lib") ? name.replace(/\.so$/, "") : `lib${name.toLowerCase()}`}-dev)`}.`;
    case "program":
      return programHint(name, where);
    case "memory":
      return "The build was killed, most often because memory ran out: build with fewer jobs at once, or take a version that has a wheel.";
    case "space":
      return "The disk is full, or the folder for temporary files is: make room, or name another folder with TMPDIR and --cache-dir.";
    case "module":
      return moduleHint(name.split(".")[0] ?? name, legacy);
  }
}

function compilerHint(name: string, where: string): string {
  if (name === "nvcc")
    return "The CUDA compiler (nvcc) is missing: install the CUDA toolkit and set CUDA_HOME, or take a version that has a wheel.";
  if (where !== "") return `There is no compiler (${name})${where}.`;
  return `There is no compiler (${name}): on Debian and Ubuntu install build-essential (Fedora: gcc gcc-c++), or take a version that has a wheel.`;
}

function programHint(name: string, where: string): string {
  const [tool = "", version] = name.split(" ");
  if (tool === "Rust")
    return "The Rust compiler is missing: install Rust (rustup or your system's packages), or take a version that has a wheel.";
  if (version !== undefined) {
    const what = tool === "rustc" ? "Rust compiler" : tool;
    return `The ${what} here is too old: ${version} or newer is needed. Install a newer one, or take an older version of the project.`;
  }
  return `The program ${name} is missing${where || ": install it, or put it on PATH"}.`;
}

/** What newer Pythons no longer have. */
const removedModules: ReadonlySet<string> = new Set([
  "imp",
  "asyncore",
  "asynchat",
  "smtpd",
  "cgi",
  "pipes",
  "lib2to3",
  "telnetlib",
  "crypt",
]);

function moduleHint(module: string, legacy: boolean): string {
  if (module === "distutils")
    return "The project needs distutils, which Python 3.12 removed: use an older Python, or a newer version of the project.";
  if (removedModules.has(module))
    return `The project needs the module ${module}, which newer Pythons do not have: use an older Python, or a newer version of the project.`;
  if (module === "pkg_resources")
    return "The project needs pkg_resources, which setuptools 82 removed: write setuptools<82 into a file, and add --build-constraint FILE.";
  return `The build needs the module ${module}, which the project ${legacy ? "cannot ask for without a pyproject.toml" : "does not list in build-system.requires"}: install it into the environment, and add --no-build-isolation.`;
}
