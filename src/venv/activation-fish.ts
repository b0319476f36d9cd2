/**
 * The text of `bin/activate.fish`, for fish 3.1 and newer. One text for every environment; the rules are those of
 * {@link activatePosix}. The prompt is printed as data, and the status of the last command reaches the wrapped prompt.
 */
export const activateFish: string = `# Use this file with "source", in fish; "deactivate" undoes it.
# It is the same in every environment and finds its own place. Settings of your own do not belong here.

set -l _pen_file (status filename | string collect)
set -l _pen_problem
if not string match -q -- '/*' $_pen_file
    set _pen_file $PWD/$_pen_file
end
set -l _pen_bin (string replace -r '/[^/]*\\z' '' -- $_pen_file | string collect)
if test -L "$_pen_file"; and not test -f "$_pen_bin/../pyvenv.cfg"
    set _pen_bin (builtin realpath $_pen_file | string replace -r '/[^/]*$' '' | string collect)
end
if string match -qr '/(\\.{0,2})/' -- $_pen_bin/
    set _pen_bin (builtin realpath -s $_pen_bin | string collect)
end
set -l _pen_root (string replace -r '/[^/]*\\z' '' -- $_pen_bin | string collect)

if not status stack-trace | string length -q
    set _pen_problem "this file is to be read by your shell, not to be run. Type:  source "(string escape -- $_pen_bin/activate.fish)
else if not test -f "$_pen_root/pyvenv.cfg"
    set _pen_problem "cannot find the environment that this file belongs to (no pyvenv.cfg above '$_pen_bin')."
end

if set -q _pen_problem[1]
    builtin echo "activate.fish: $_pen_problem" >&2
    not builtin true
else
    # Another environment that is active in this shell is left first.
    if set -q _OLD_VIRTUAL_PATH; and builtin functions -q deactivate
        deactivate nondestructive
    end

    function deactivate -d 'Leave the virtual environment'
        if set -q _OLD_VIRTUAL_PATH
            set -gx PATH $_OLD_VIRTUAL_PATH
        end
        if set -q _OLD_VIRTUAL_PYTHONHOME
            set -gx PYTHONHOME $_OLD_VIRTUAL_PYTHONHOME
        end
        if set -q _OLD_PKG_CONFIG_PATH
            set -gx PKG_CONFIG_PATH $_OLD_PKG_CONFIG_PATH
        else if test "$PKG_CONFIG_PATH" = "$VIRTUAL_ENV/lib/pkgconfig"
            set -eg PKG_CONFIG_PATH
        end
        if set -q _OLD_FISH_PROMPT_OVERRIDE
            if builtin functions -q _old_fish_prompt
                builtin functions -e fish_prompt
                builtin functions -c _old_fish_prompt fish_prompt
                builtin functions -e _old_fish_prompt
            end
            builtin functions -e _pen_status
        end
        set -eg VIRTUAL_ENV
        set -eg VIRTUAL_ENV_PROMPT
        # An environment that was active in the process that started this shell is still active there.
        if set -q _OLD_VIRTUAL_ENV
            set -gx VIRTUAL_ENV $_OLD_VIRTUAL_ENV
        end
        if set -q _OLD_VIRTUAL_ENV_PROMPT
            set -gx VIRTUAL_ENV_PROMPT $_OLD_VIRTUAL_ENV_PROMPT
        end
        set -eg _OLD_VIRTUAL_PATH
        set -eg _OLD_VIRTUAL_PYTHONHOME
        set -eg _OLD_PKG_CONFIG_PATH
        set -eg _OLD_FISH_PROMPT_OVERRIDE
        set -eg _OLD_VIRTUAL_ENV
        set -eg _OLD_VIRTUAL_ENV_PROMPT
        if test "$argv[1]" != nondestructive
            builtin functions -e deactivate
        end
        builtin true
    end

    if set -q VIRTUAL_ENV
        set -g _OLD_VIRTUAL_ENV $VIRTUAL_ENV
    end
    if set -q VIRTUAL_ENV_PROMPT
        set -g _OLD_VIRTUAL_ENV_PROMPT $VIRTUAL_ENV_PROMPT
    end
    set -gx VIRTUAL_ENV $_pen_root

    # The name to show: "prompt" of pyvenv.cfg, else the name of the folder.
    set -l _pen_name (string replace -r '(?s)^.*/' '' -- $_pen_root | string collect)
    while read -l _pen_line
        if string match -qr '^prompt\\s*=' -- $_pen_line
            set _pen_name (string replace -r '^prompt\\s*=\\s*' '' -- $_pen_line | string trim | string replace -r '^([\\'"])(.*)\\1$' '$2')
        end
    end <$_pen_root/pyvenv.cfg
    set -gx VIRTUAL_ENV_PROMPT (string replace -ra '[[:cntrl:]]' '?' -- $_pen_name | string collect)

    set -g _OLD_VIRTUAL_PATH $PATH
    set -gx PATH $_pen_bin $PATH

    if set -q PYTHONHOME
        set -g _OLD_VIRTUAL_PYTHONHOME $PYTHONHOME
        set -e PYTHONHOME
    end
    if set -q PKG_CONFIG_PATH
        set -g _OLD_PKG_CONFIG_PATH $PKG_CONFIG_PATH
        set -gx PKG_CONFIG_PATH $_pen_root/lib/pkgconfig $PKG_CONFIG_PATH
    else
        set -gx PKG_CONFIG_PATH $_pen_root/lib/pkgconfig
    end

    if test -z "$VIRTUAL_ENV_DISABLE_PROMPT"; and builtin functions -q fish_prompt
        builtin functions -c fish_prompt _old_fish_prompt
        set -g _OLD_FISH_PROMPT_OVERRIDE $VIRTUAL_ENV
        function _pen_status
            return $argv[1]
        end
        function fish_prompt
            set -l _pen_last $status
            set_color 4B8BBE
            builtin printf '(%s) ' "$VIRTUAL_ENV_PROMPT"
            set_color normal
            _pen_status $_pen_last
            _old_fish_prompt
        end
    end
    builtin true
end
`;
