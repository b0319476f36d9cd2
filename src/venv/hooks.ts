/**
 * The hooks for shells: on entering the folder of a project they activate its environment, on leaving it they undo that. Looking for `.venv`
 * above the working directory costs no process; only when the nearest one is another than before, `pen hook enter` is asked, which
 * answers with the environment when the person trusts it. Its answer is used as a path, never evaluated. An environment that the
 * person activated is left alone.
 */
export const hookShells = ["bash", "zsh", "fish", "nu", "powershell"] as const;
export type HookShell = (typeof hookShells)[number];

/** Shared by bash and zsh: without a process unless something changed, and with the status of the last command kept. `settings` is for the shell's own options. */
const posixHook = (settings: string): string => `_pen_hook() {
    local _pen_status=$? _pen_at=$PWD _pen_project= _pen_root=
${settings}    while :; do
        if [ -e "$_pen_at/.venv" ]; then _pen_project=$_pen_at/; break; fi
        case $_pen_at in
            */*) _pen_at=\${_pen_at%/*} ;;
            *) break ;;
        esac
    done
    if [ "$_pen_project" = "\${_pen_hook_project-}" ]; then return "$_pen_status"; fi
    _pen_hook_project=$_pen_project
    if [ -n "\${_pen_hook_active-}" ] && [ "\${VIRTUAL_ENV-}" = "$_pen_hook_active" ]; then
        if command -v deactivate >/dev/null; then deactivate; fi
    fi
    _pen_hook_active=
    if [ -z "$_pen_project" ] || [ -n "\${VIRTUAL_ENV-}" ]; then return "$_pen_status"; fi
    if _pen_root=$(command pen hook enter); then
        _pen_root=\${_pen_root%/}
        if [ -n "$_pen_root" ] && . "$_pen_root/bin/activate"; then _pen_hook_active=$VIRTUAL_ENV; fi
    fi
    return "$_pen_status"
}
`;

const bashHook = `${posixHook("")}case "\${PROMPT_COMMAND[*]-}" in
    *_pen_hook*) ;;
    *) PROMPT_COMMAND="_pen_hook\${PROMPT_COMMAND:+;$PROMPT_COMMAND}" ;;
esac
`;

/** The same as `add-zsh-hook precmd`, which is a function that has to be loaded first. */
const zshHook = `${posixHook("    setopt localoptions nowarncreateglobal noksharrays\n")}typeset -ga precmd_functions
if [[ " \${precmd_functions[*]-} " != *" _pen_hook "* ]]; then precmd_functions+=(_pen_hook); fi
`;

const fishHook = `function _pen_hook --on-event fish_prompt
    set -l _pen_status $status
    # Taking a path apart costs a fifth of a millisecond at each step, so it is done once for a folder.
    if test "$PWD" != "$_pen_hook_here"
        set -g _pen_hook_here $PWD
        set -g _pen_hook_above $PWD
        while string match -q -- '*/*' $_pen_hook_above[-1]
            set -l _pen_at (string replace -r '/[^/]*\\z' '' -- $_pen_hook_above[-1] | string collect)
            # In quotes it is one word, also where nothing is left of the path.
            set -ga _pen_hook_above "$_pen_at"
        end
    end
    set -l _pen_project ''
    for _pen_at in $_pen_hook_above
        if test -e "$_pen_at/.venv"
            set _pen_project $_pen_at/
            break
        end
    end
    if test "$_pen_project" = "$_pen_hook_project"
        return $_pen_status
    end
    set -g _pen_hook_project $_pen_project
    if set -q _pen_hook_active; and test "$VIRTUAL_ENV" = "$_pen_hook_active"; and functions -q deactivate
        deactivate
    end
    set -e _pen_hook_active
    if test -z "$_pen_project"; or set -q VIRTUAL_ENV
        return $_pen_status
    end
    set -l _pen_root (command pen hook enter | string collect)
    if test -n "$_pen_root"; and source "$_pen_root"bin/activate.fish
        set -g _pen_hook_active $VIRTUAL_ENV
    end
    return $_pen_status
end
`;

/**
 * An overlay needs a path that stands in the text, so here the hook itself sets the variables and takes them back. A variable that was
 * not there before is set to null: that is not handed on to programs, and a name hidden for good could not be set again.
 */
const nuHook = `def --env _pen_hook_leave [] {
    let known = $env._PEN_HOOK?
    if $known.active? == null or $env.VIRTUAL_ENV? != $known.active { return }
    $env.PATH = ($env.PATH | where {|entry| $entry != $known.bin })
    hide-env VIRTUAL_ENV
    hide-env --ignore-errors VIRTUAL_ENV_PROMPT
    if $known.home != null { $env.PYTHONHOME = $known.home }
    if $known.pkgconfig != null { $env.PKG_CONFIG_PATH = $known.pkgconfig } else { hide-env --ignore-errors PKG_CONFIG_PATH }
    if $known.wrapped { $env.PROMPT_COMMAND = $known.prompt }
    $env._PEN_BEFORE = null
    $env._PEN_HOOK = {project: $known.project}
}
def --env deactivate [] { _pen_hook_leave }
def --env _pen_hook [] {
    mut at = ($env.PWD | path expand --no-symlink)
    mut project = ''
    loop {
        if ($"($at)/.venv" | path exists) {
            $project = $at
            break
        }
        let above = ($at | path dirname)
        if $above == $at { break }
        $at = $above
    }
    if $project == ($env._PEN_HOOK?.project? | default '') { return }
    _pen_hook_leave
    $env._PEN_HOOK = {project: $project}
    if $project == '' or $env.VIRTUAL_ENV? != null { return }
    let status = ($env.LAST_EXIT_CODE? | default 0)
    let answer = (try { ^pen hook enter } catch { '' })
    $env.LAST_EXIT_CODE = $status
    let root = ($answer | default '' | str replace --regex '/\\z' '')
    if $root == '' { return }
    let bin = ([$root (if $nu.os-info.name == 'windows' { 'Scripts' } else { 'bin' })] | path join)
    let prompt = $env.PROMPT_COMMAND?
    let wrapped = ($env.VIRTUAL_ENV_DISABLE_PROMPT? | default '' | is-empty)
    $env._PEN_HOOK = {
        project: $project, active: $root, bin: $bin, wrapped: $wrapped, prompt: $prompt
        home: $env.PYTHONHOME?, pkgconfig: $env.PKG_CONFIG_PATH?
    }
    # An overlay that is used on top begins where this began.
    $env._PEN_BEFORE = {path: $env.PATH, prompt: $prompt, pkgconfig: $env.PKG_CONFIG_PATH?}
    let told = (
        open --raw ([$root pyvenv.cfg] | path join) | decode utf-8 | lines
        | where {|line| $line =~ '^prompt\\s*=' }
        | each {|line| $line | str replace --regex '^prompt\\s*=\\s*' '' | str trim | str replace --regex '^(?:"(.*)"|\\'(.*)\\')$' '$1$2' }
    )
    let name = (if ($told | is-empty) { $root | path basename } else { $told | last })
    $env.PATH = ($env.PATH | prepend $bin)
    $env.VIRTUAL_ENV = $root
    $env.VIRTUAL_ENV_PROMPT = ($name | str replace --all --regex '[[:cntrl:]]' '?')
    hide-env --ignore-errors PYTHONHOME
    let parts = ([([$root lib pkgconfig] | path join)] | append ($env.PKG_CONFIG_PATH? | default []) | where {|part| $part != '' })
    $env.PKG_CONFIG_PATH = ($parts | str join (char esep))
    if $wrapped {
        let shown = $"\\(($env.VIRTUAL_ENV_PROMPT)\\) "
        $env.PROMPT_COMMAND = {||
            let rest = (match ($prompt | describe) {
                'closure' => (do $prompt)
                'nothing' => $env.PWD # What nushell shows by itself.
                _ => $prompt
            })
            $"($shown)($rest)"
        }
    }
}
$env.config = ($env.config | upsert hooks.pre_prompt (($env.config.hooks?.pre_prompt? | default []) ++ [{|| _pen_hook }]))
`;

const powershellHook = `function global:_pen_hook {
    $at = (Get-Location -PSProvider FileSystem).ProviderPath
    $project = ''
    while ($at) {
        if (Test-Path -LiteralPath ([IO.Path]::Combine($at, '.venv'))) { $project = $at; break }
        $at = [IO.Path]::GetDirectoryName($at)
    }
    if ($project -ceq $global:_pen_hook_project) { return }
    $global:_pen_hook_project = $project
    if ($global:_pen_hook_active -and $env:VIRTUAL_ENV -ceq $global:_pen_hook_active -and (Test-Path -LiteralPath Function:deactivate)) { deactivate }
    $global:_pen_hook_active = $null
    if (-not $project -or $env:VIRTUAL_ENV) { return }
    $status = $global:LASTEXITCODE
    $answer = (& pen hook enter) -join [Environment]::NewLine
    $global:LASTEXITCODE = $status
    if (-not $answer) { return }
    $root = $answer.Substring(0, $answer.Length - 1)
    $folder = if (Test-Path -LiteralPath ([IO.Path]::Combine($root, 'Scripts'))) { 'Scripts' } else { 'bin' }
    . ([IO.Path]::Combine($root, $folder, 'activate.ps1'))
    $global:_pen_hook_active = $env:VIRTUAL_ENV
}
if (-not (Test-Path -LiteralPath Function:_pen_hook_prompt)) {
    $global:_pen_hook_project = ''
    function global:_pen_hook_prompt { '' }
    Copy-Item -LiteralPath Function:prompt -Destination Function:_pen_hook_prompt
    function global:prompt { _pen_hook; _pen_hook_prompt }
}
`;

/** The text that a shell evaluates in the person's start-up file to get the hook. */
export function hookScript(shell: HookShell): string {
  switch (shell) {
    case "bash":
      return bashHook;
    case "zsh":
      return zshHook;
    case "fish":
      return fishHook;
    case "nu":
      return nuHook;
    case "powershell":
      return powershellHook;
  }
}
