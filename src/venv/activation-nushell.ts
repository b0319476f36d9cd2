/**
 * The text of `bin/activate.nu`, for nushell 0.101 and newer. One text for every environment; the rules are those of {@link activatePosix}.
 * An overlay keeps its changes apart, so hiding it restores all there was. What is remembered of the first activation is a record,
 * which nushell never hands on to other programs.
 */
export const activateNushell: string = `# Use this file with "overlay use", in nushell; "deactivate" undoes it.
# It is the same in every environment and finds its own place. Settings of your own do not belong here.

const here = path self

export-env {
    let named = ($here | path dirname)
    let bin = if ($"($named)/../pyvenv.cfg" | path exists) { $named } else { $here | path expand | path dirname }
    let root = ($bin | path dirname)
    let config = ([$root pyvenv.cfg] | path join)
    if not ($config | path exists) {
        error make --unspanned {msg: $"activate.nu: cannot find the environment that this file belongs to \\(no pyvenv.cfg above '($bin)'\\)."}
    }

    # The name to show: "prompt" of pyvenv.cfg, else the name of the folder.
    let told = (
        open --raw $config | decode utf-8 | lines
        | where {|line| $line =~ '^prompt\\s*=' }
        | each {|line| $line | str replace --regex '^prompt\\s*=\\s*' '' | str trim | str replace --regex '^(?:"(.*)"|\\'(.*)\\')$' '$1$2' }
    )
    let name = (if ($told | is-empty) { $root | path basename } else { $told | last })

    # Activated again, it begins where the first activation began; another environment that is active in this shell is left first.
    let before = ($env._PEN_BEFORE? | default {
        path: ($env.PATH? | default [])
        prompt: $env.PROMPT_COMMAND?
        pkgconfig: $env.PKG_CONFIG_PATH?
    })
    $env._PEN_BEFORE = $before
    let paths = (if ($before.path | describe) == string { $before.path | split row (char esep) } else { $before.path })
    $env.PATH = ($paths | prepend $bin)
    $env.VIRTUAL_ENV = $root
    $env.VIRTUAL_ENV_PROMPT = ($name | str replace --all --regex '[[:cntrl:]]' '?')
    # Null is not handed on to programs, and it goes with the overlay; hide-env would take the value away for good.
    if PYTHONHOME in $env { $env.PYTHONHOME = null }
    let pkgconfig = ([$root lib pkgconfig] | path join)
    $env.PKG_CONFIG_PATH = (match ($before.pkgconfig | describe) {
        'string' => ([$pkgconfig $before.pkgconfig] | where {|part| $part != '' } | str join (char esep))
        'nothing' => $pkgconfig
        _ => ($before.pkgconfig | prepend $pkgconfig)
    })
    if ($env.VIRTUAL_ENV_DISABLE_PROMPT? | default '' | is-empty) {
        let shown = $"\\(($env.VIRTUAL_ENV_PROMPT)\\) "
        let prompt = $before.prompt
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

export alias deactivate = overlay hide activate
`;
