/**
 * The text of `bin/activate.csh`, for csh and tcsh. One text for every environment; the rules are those of {@link activatePosix}.
 *
 * These shells tell a sourced file neither its name nor its place, but they keep it open while they read it: a small sh program asks
 * `/proc` (where there is none, `lsof`) which file that is. It also reads `pyvenv.cfg`. Its answer comes back as lines,
 * which become words without being evaluated: `:q` keeps them data in every later use. A line break cannot stand
 * in a word that comes from a command, so it has a line of its own.
 */
export const activateCsh: string = `# Use this file with "source", in csh or tcsh; "deactivate" undoes it.
# It is the same in every environment and finds its own place. Settings of your own do not belong here.

# What changes how a line is read is put away meanwhile.
set _pen_marked = $?histchars
if ($_pen_marked) then
    set _pen_marks = $histchars:q
    unset histchars
endif
set _pen_slash = $?backslash_quote
unset backslash_quote

setenv _PEN_ZERO ''
if ($?0) then
    setenv _PEN_ZERO $0:q
endif
setenv _PEN_TCSH $?tcsh
setenv _PEN_SH '\\
stop() { echo X; printf "%s\\n" "activate.csh: $1" | tr "[:cntrl:]" "?" | sed "s/[?]$//"; exit 0; }\\
tell() {\\
    rest=$1\\
    while :; do\\
        case $rest in\\
            *"$nl"*) line=\${rest%%"$nl"*}; rest=\${rest#*"$nl"} ;;\\
            *) break ;;\\
        esac\\
        if [ -n "$line" ]; then printf "%s\\n" T "$line"; fi\\
        echo N\\
    done\\
    if [ -n "$rest" ]; then printf "%s\\n" T "$rest"; fi\\
}\\
nl="\\
"\\
file=\\
if [ -d "/proc/$PPID/fd" ]; then\\
    for fd in "/proc/$PPID/fd/"*; do\\
        if [ -f "$fd" ]; then\\
            name=$(readlink "$fd"; printf .)\\
            name=\${name%??}\\
            case $name in\\
                */activate.csh) if [ -z "$file" ] || [ -f "\${name%/*/*}/pyvenv.cfg" ]; then file=$name; fi ;;\\
            esac\\
        fi\\
    done\\
else\\
    if command -v lsof >/dev/null 2>&1; then lsof=lsof; else lsof=/usr/sbin/lsof; fi\\
    file=$("$lsof" -a -p "$PPID" -Fn 2>/dev/null | sed -n "s,^n\\(.*/activate[.]csh\\)$,\\1,p" | tail -n 1)\\
fi\\
if [ -z "$file" ] || [ ! -f "$file" ]; then\\
    stop "this system does not tell a csh which file it reads (no /proc, no lsof). Use another shell, or: pen run COMMAND"\\
fi\\
if [ -n "$_PEN_ZERO" ] && [ "$_PEN_ZERO" -ef "$file" ]; then\\
    stop "this file is to be read by your shell, not to be run. Type:  source $file"\\
fi\\
root=\${file%/*/*}\\
if [ ! -f "$root/pyvenv.cfg" ]; then\\
    stop "cannot find the environment that this file belongs to (no pyvenv.cfg above $file)."\\
fi\\
name=\${root##*/}\\
while IFS= read -r line || [ -n "$line" ]; do\\
    case $line in\\
        prompt=* | prompt[[:space:]]*=*)\\
            name=\${line#*=}\\
            while :; do\\
                case $name in\\
                    [[:space:]]*) name=\${name#?} ;;\\
                    *[[:space:]]) name=\${name%?} ;;\\
                    *) break ;;\\
                esac\\
            done\\
            case $name in\\
                \\'\\''*\\'\\'' | \\"*\\") name=\${name#?}; name=\${name%?} ;;\\
            esac ;;\\
    esac\\
done <"$root/pyvenv.cfg"\\
while :; do\\
    case $name in\\
        *[[:cntrl:]]*) name=\${name%%[[:cntrl:]]*}"?"\${name#*[[:cntrl:]]} ;;\\
        *) break ;;\\
    esac\\
done\\
if [ "$_PEN_TCSH" = 1 ]; then special="s/[\\\\^]/\\\\\\\\&/g; s/%/%%/g; s/[\\!]/\\\\\\\\&/g"; else special="s/[\\!]/\\\\\\\\&/g"; fi\\
tell "$root"\\
echo R\\
tell "$name"\\
echo P\\
tell "$(printf "%s\\n" "$name" | sed "$special")"\\
echo S\\
'
set _pen_words = ("\`\\printenv _PEN_SH | /bin/sh\`")
unsetenv _PEN_SH
unsetenv _PEN_ZERO
unsetenv _PEN_TCSH

set _pen_break = '\\
'
set _pen_value = ''
set _pen_root = ''
set _pen_name = ''
set _pen_shown = ''
set _pen_problem = ''
set _pen_at = 1
while ($_pen_at <= $#_pen_words)
    switch ($_pen_words[$_pen_at]:q)
        case T:
            @ _pen_at++
            set _pen_value = $_pen_value:q$_pen_words[$_pen_at]:q
            breaksw
        case N:
            set _pen_value = $_pen_value:q$_pen_break:q
            breaksw
        case R:
            set _pen_root = $_pen_value:q
            set _pen_value = ''
            breaksw
        case P:
            set _pen_name = $_pen_value:q
            set _pen_value = ''
            breaksw
        case S:
            set _pen_shown = $_pen_value:q
            set _pen_value = ''
            breaksw
        case X:
            @ _pen_at++
            set _pen_problem = $_pen_words[$_pen_at]:q
            breaksw
    endsw
    @ _pen_at++
end

if ($_pen_root:q == '') then
    if ($_pen_problem:q == '') then
        set _pen_problem = 'activate.csh: /bin/sh did not say where this file stands.'
    endif
    /bin/sh -c 'printf "%s\\n" "$1" >&2' sh $_pen_problem:q
else
    # Another environment that is active in this shell is left first.
    if ($?_OLD_VIRTUAL_PATH) then
        deactivate nondestructive
    endif

    if ($?VIRTUAL_ENV) then
        set _OLD_VIRTUAL_ENV = $VIRTUAL_ENV:q
    endif
    if ($?VIRTUAL_ENV_PROMPT) then
        set _OLD_VIRTUAL_ENV_PROMPT = $VIRTUAL_ENV_PROMPT:q
    endif
    setenv VIRTUAL_ENV $_pen_root:q
    setenv VIRTUAL_ENV_PROMPT $_pen_name:q

    set _OLD_VIRTUAL_PATH = $PATH:q
    setenv PATH $_pen_root:q'/bin:'$PATH:q

    if ($?PYTHONHOME) then
        set _OLD_VIRTUAL_PYTHONHOME = $PYTHONHOME:q
    endif
    unsetenv PYTHONHOME

    set _pen_value = $_pen_root:q'/lib/pkgconfig'
    if ($?PKG_CONFIG_PATH) then
        set _OLD_PKG_CONFIG_PATH = $PKG_CONFIG_PATH:q
        if ($PKG_CONFIG_PATH:q != '') then
            set _pen_value = $_pen_value:q':'$PKG_CONFIG_PATH:q
        endif
    endif
    setenv PKG_CONFIG_PATH $_pen_value:q

    set _pen_quiet = ''
    if ($?VIRTUAL_ENV_DISABLE_PROMPT) then
        set _pen_quiet = $VIRTUAL_ENV_DISABLE_PROMPT:q
    endif
    if ($?prompt && $_pen_quiet:q == '') then
        set _OLD_VIRTUAL_PROMPT = $prompt:q
        set prompt = '('$_pen_shown:q') '$prompt:q
    endif

    # An alias is one line, and whatever it names is looked up before a condition on that line is: so each part is evaluated on its own.
    # Words after it become names that are no aliases.
    alias deactivate 'unsetenv VIRTUAL_ENV; unsetenv VIRTUAL_ENV_PROMPT; if ($?_OLD_VIRTUAL_PATH) eval '\\''setenv PATH $_OLD_VIRTUAL_PATH:q'\\''; if ($?_OLD_VIRTUAL_PYTHONHOME) eval '\\''setenv PYTHONHOME $_OLD_VIRTUAL_PYTHONHOME:q'\\''; unsetenv PKG_CONFIG_PATH; if ($?_OLD_PKG_CONFIG_PATH) eval '\\''setenv PKG_CONFIG_PATH $_OLD_PKG_CONFIG_PATH:q'\\''; if ($?_OLD_VIRTUAL_PROMPT) eval '\\''set prompt = $_OLD_VIRTUAL_PROMPT:q'\\''; if ($?_OLD_VIRTUAL_ENV) eval '\\''setenv VIRTUAL_ENV $_OLD_VIRTUAL_ENV:q'\\''; if ($?_OLD_VIRTUAL_ENV_PROMPT) eval '\\''setenv VIRTUAL_ENV_PROMPT $_OLD_VIRTUAL_ENV_PROMPT:q'\\''; unset _OLD_VIRTUAL_PATH _OLD_VIRTUAL_PYTHONHOME _OLD_PKG_CONFIG_PATH _OLD_VIRTUAL_PROMPT _OLD_VIRTUAL_ENV _OLD_VIRTUAL_ENV_PROMPT; rehash; unalias deactivate'
    unset _pen_quiet
    rehash
endif

# Left with the status that says whether it went well.
set _pen_value = 0
if ($_pen_root:q == '') then
    set _pen_value = 1
endif
unset _pen_words _pen_break _pen_root _pen_name _pen_shown _pen_problem _pen_at
if ($_pen_slash) set backslash_quote
if ($_pen_marked) then
    set histchars = $_pen_marks:q
endif
eval 'unset _pen_value _pen_marked _pen_marks _pen_slash; /bin/sh -c "exit '$_pen_value'"'
`;
