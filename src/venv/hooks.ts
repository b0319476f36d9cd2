/**
 * The hooks for shells: on entering the folder of a project they activate its environment, on leaving it they undo that. Looking for `.venv`
 * above the working directory costs no process; only when the nearest one is another than before, `pen hook enter` is asked, which
 * answers with the environment when the person trusts it. Its answer is used as a path, never evaluated. An environment that the
 * person activated is left alone.
 */
export const hookShells = ["bash", "zsh", "fish", "nu", "powershell"] as const;
export type HookShell = (typeof hookShells)[number];

/** Shared by bash and zsh: without a process unless something changed, and with the status of the last command kept. */
const posixHook = `_pen_hook() {
    local _pen_status=$? _pen_at=$PWD _pen_project= _pen_root=
    while :; do
        if [ -e "$_pen_at/.venv" ]; then _pen_project=$_pen_at/; break; fi
        case $_pen_at in
            */*) _pen_at=\${_pen_at%/*} ;;
            *) break ;;
        esac
    done
    if [ "$_pen_project" = "\${_pen_hook_project-}" ]; then return "$_pen_status"; fi
    _pen_hook_project=$_pen_project
    if [ -n "\${_pen_hook_active-}" ] && [ "\${VIRTUAL_ENV-}" = "$_pen_hook_active" ]; then deactivate; fi
    _pen_hook_active=
    if [ -z "$_pen_project" ] || [ -n "\${VIRTUAL_ENV-}" ]; then return "$_pen_status"; fi
    if _pen_root=$(command pen hook enter); then
        _pen_root=\${_pen_root%/}
        if [ -n "$_pen_root" ] && . "$_pen_root/bin/activate"; then _pen_hook_active=$VIRTUAL_ENV; fi
    fi
    return "$_pen_status"
}
`;

const bashHook = `${posixHook}case "\${PROMPT_COMMAND[*]-}" in
    *_pen_hook*) ;;
    *) PROMPT_COMMAND="_pen_hook\${PROMPT_COMMAND:+;$PROMPT_COMMAND}" ;;
esac
`;

const zshHook = `${posixHook}typeset -ga precmd_functions
if [[ -z \${precmd_functions[(r)_pen_hook]-} ]]; then precmd_functions+=(_pen_hook); fi
`;

const fishHook = `function _pen_hook --on-event fish_prompt
    set -l _pen_status $status
    set -l _pen_at $PWD
    set -l _pen_project ''
    while true
        if test -e "$_pen_at/.venv"
            set _pen_project $_pen_at/
            break
        end
        if not string match -q -- '*/*' $_pen_at
            break
        end
        set _pen_at (string replace -r '/[^/]*\\z' '' -- $_pen_at | string collect)
    end
    if test "$_pen_project" = "$_pen_hook_project"
        return $_pen_status
    end
    set -g _pen_hook_project $_pen_project
    if set -q _pen_hook_active; and test "$VIRTUAL_ENV" = "$_pen_hook_active"
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

/** An overlay needs a path that stands in the text, so here the hook itself sets the variables and takes them back. */
const nuHook = `def --env _pen_hook [] {
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
    let known = $env._PEN_HOOK?
    if $known.active? != null and $env.VIRTUAL_ENV? == $known.active {
        $env.PATH = ($env.PATH | where {|entry| $entry != $"($known.active)/bin" })
        hide-env VIRTUAL_ENV
        hide-env --ignore-errors VIRTUAL_ENV_PROMPT
        if $known.home? != null { $env.PYTHONHOME = $known.home }
    }
    $env._PEN_HOOK = {project: $project}
    if $project == '' or $env.VIRTUAL_ENV? != null { return }
    let root = (^pen hook enter | str replace --regex '/\\z' '')
    if $root == '' { return }
    $env._PEN_HOOK = {project: $project, active: $root, home: $env.PYTHONHOME?}
    $env.PATH = ($env.PATH | prepend $"($root)/bin")
    $env.VIRTUAL_ENV = $root
    $env.VIRTUAL_ENV_PROMPT = ($root | path dirname | path basename | str replace --all --regex '[[:cntrl:]]' '?')
    hide-env --ignore-errors PYTHONHOME
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
    if ($global:_pen_hook_active -and $env:VIRTUAL_ENV -ceq $global:_pen_hook_active) { deactivate }
    $global:_pen_hook_active = $null
    if (-not $project -or $env:VIRTUAL_ENV) { return }
    $answer = (& pen hook enter) -join [Environment]::NewLine
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
