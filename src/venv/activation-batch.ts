/**
 * The texts of `activate.bat`, `deactivate.bat` and `pydoc.bat`, for cmd on Windows. One text for every environment, in ASCII with the line ends that
 * cmd asks for; the rules are those of {@link activatePosix}. What makes them safe:
 *
 * - A path stands between quotes wherever `%` puts it in, and no name on Windows holds a quote. What `%` puts in is not looked at for another `%`.
 * - The name from `pyvenv.cfg` comes out of a `for` variable, which cmd fills in after it has divided the line; then its quotes go.
 * - Nothing is handed to `call`, which would expand it once more, and there are no blocks in parentheses, which one in a value would close.
 * - Where delayed expansion is on (`cmd /v:on`), values are copied by `!name!`, which is not looked at again. A place with an exclamation mark in it cannot
 *   be read there at all: then the script says so and changes nothing.
 * - `pyvenv.cfg` is UTF-8: the code page is changed while it is read.
 */
export function batchScripts(): ReadonlyArray<readonly [name: string, text: string]> {
  return [
    ["activate.bat", batch(activateLines())],
    ["deactivate.bat", batch(["@rem Undoes activate.bat.", ...leaving("_pen_end"), ":_pen_end", "@exit /b 0"])],
    ["pydoc.bat", batch(['@"%~dp0python.exe" -m pydoc %*'])],
  ];
}

const batch = (lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join("");

/** Gives one variable the value of another, whatever that holds. `condition` is put in front. */
const copied = (to: string, from: string, condition = ""): string[] => [
  `@if "!!"=="" ${condition}@set "${to}=!${from}!"`,
  `@if not "!!"=="" ${condition}@set "${to}=%${from}%"`,
];

/** Saves a variable when it is set. cmd knows no empty ones. */
const saved = (name: string, as = `_OLD_VIRTUAL_${name}`): string[] => copied(as, name, `@if defined ${name} `);

const restored = (name: string, from = `_OLD_VIRTUAL_${name}`): string[] => [
  ...copied(name, from, `@if defined ${from} `),
  `@set ${from}=`,
];

/** Gives back what an activation has changed; goes to `end` when there is none in this shell. */
function leaving(end: string): string[] {
  return [
    `@if not defined _OLD_VIRTUAL_PATH @if not defined _OLD_VIRTUAL_PATH_UNSET @goto ${end}`,
    ...restored("PATH"),
    "@if defined _OLD_VIRTUAL_PATH_UNSET @set PATH=",
    "@set _OLD_VIRTUAL_PATH_UNSET=",
    ...restored("PYTHONHOME"),
    "@set PKG_CONFIG_PATH=",
    ...restored("PKG_CONFIG_PATH", "_OLD_PKG_CONFIG_PATH"),
    "@if defined _OLD_VIRTUAL_PROMPT_UNSET @set PROMPT=",
    "@set _OLD_VIRTUAL_PROMPT_UNSET=",
    ...restored("PROMPT"),
    "@set VIRTUAL_ENV=",
    "@set VIRTUAL_ENV_PROMPT=",
    "@rem An environment that was active in the process that started this shell is still active there.",
    ...restored("VIRTUAL_ENV", "_OLD_VIRTUAL_ENV"),
    ...restored("VIRTUAL_ENV_PROMPT", "_OLD_VIRTUAL_ENV_PROMPT"),
  ];
}

// A function: away from Windows nobody needs them.
const activateLines = (): readonly string[] => [
  '@rem Use this file with "call path\\to\\Scripts\\activate.bat" in cmd; "deactivate" undoes it.',
  "@rem It is the same in every environment and finds its own place. Settings of your own do not belong here.",
  "@setlocal DisableDelayedExpansion",
  '@set "_PEN_HERE=%~dp0"',
  '@if "%_PEN_HERE:!=%"=="%_PEN_HERE%" @endlocal & @goto _pen_readable',
  "@endlocal",
  '@if not "!!"=="" @goto _pen_readable',
  "@echo activate.bat: there is an exclamation mark in the path of this environment, and delayed expansion is on in this cmd. Use another shell, or: pen run COMMAND>&2",
  "@exit /b 1",
  ":_pen_readable",
  '@if exist "%~dp0..\\pyvenv.cfg" @goto _pen_leave',
  "@echo activate.bat: cannot find the environment that this file belongs to (no pyvenv.cfg above it).>&2",
  "@exit /b 1",
  "",
  ":_pen_leave",
  "@rem Another environment that is active in this shell is left first.",
  ...leaving("_pen_enter"),
  "",
  ":_pen_enter",
  ...saved("VIRTUAL_ENV", "_OLD_VIRTUAL_ENV"),
  ...saved("VIRTUAL_ENV_PROMPT", "_OLD_VIRTUAL_ENV_PROMPT"),
  '@for %%I in ("%~dp0..") do @set "VIRTUAL_ENV=%%~fI"',
  '@rem The name to show: "prompt" of pyvenv.cfg, else the name of the folder.',
  '@for %%I in ("%~dp0..") do @set "VIRTUAL_ENV_PROMPT=%%~nxI"',
  "@set _PEN_NAME=",
  "@set _PEN_CODEPAGE=",
  '@for /f "tokens=2 delims=:." %%I in (\'"%SystemRoot%\\System32\\chcp.com"\') do @set "_PEN_CODEPAGE=%%I"',
  '@if defined _PEN_CODEPAGE @"%SystemRoot%\\System32\\chcp.com" 65001 >nul',
  '@for /f "usebackq tokens=1,* delims== " %%I in ("%~dp0..\\pyvenv.cfg") do @if "%%I"=="prompt" @set "_PEN_NAME=%%J"',
  '@if defined _PEN_CODEPAGE @"%SystemRoot%\\System32\\chcp.com" %_PEN_CODEPAGE% >nul',
  "@set _PEN_CODEPAGE=",
  "@if not defined _PEN_NAME @goto _pen_named",
  `@set "_PEN_NAME=%_PEN_NAME:"='%"`,
  `@if "%_PEN_NAME:~0,1%%_PEN_NAME:~-1%"=="''" @set "_PEN_NAME=%_PEN_NAME:~1,-1%"`,
  '@if defined _PEN_NAME @set "VIRTUAL_ENV_PROMPT=%_PEN_NAME%"',
  "@set _PEN_NAME=",
  ":_pen_named",
  ...saved("PATH"),
  "@if not defined PATH @set _OLD_VIRTUAL_PATH_UNSET=1",
  '@if "!!"=="" @set "PATH=!VIRTUAL_ENV!\\Scripts;!PATH!"',
  '@if not "!!"=="" @set "PATH=%VIRTUAL_ENV%\\Scripts;%PATH%"',
  ...saved("PYTHONHOME"),
  "@set PYTHONHOME=",
  ...saved("PKG_CONFIG_PATH", "_OLD_PKG_CONFIG_PATH"),
  '@set "PKG_CONFIG_PATH=%VIRTUAL_ENV%\\lib\\pkgconfig"',
  '@if "!!"=="" @if defined _OLD_PKG_CONFIG_PATH @set "PKG_CONFIG_PATH=!PKG_CONFIG_PATH!;!_OLD_PKG_CONFIG_PATH!"',
  '@if not "!!"=="" @if defined _OLD_PKG_CONFIG_PATH @set "PKG_CONFIG_PATH=%PKG_CONFIG_PATH%;%_OLD_PKG_CONFIG_PATH%"',
  "@if defined VIRTUAL_ENV_DISABLE_PROMPT @exit /b 0",
  "@if not defined PROMPT @set _OLD_VIRTUAL_PROMPT_UNSET=1",
  ...saved("PROMPT"),
  '@if not defined PROMPT @set "PROMPT=$P$G"',
  '@set "PROMPT=(%VIRTUAL_ENV_PROMPT:$=$$%) %PROMPT%"',
  "@exit /b 0",
];
