/**
 * The text of `bin/activate`, for sh, dash, bash, zsh, ksh and mksh. One text for every environment. What the rules are:
 *
 * - It finds its own place. bash, zsh and ksh93 tell a sourced file its name; any other shell keeps the file open while it
 *   reads it, and `/proc` tells which file that is (the last one of that name, for files that source files).
 * - Nothing that stands in a path or in `pyvenv.cfg` is ever evaluated. `eval` sees only constant text, which shields the
 *   other shells from syntax they do not have. A name with characters that a prompt would expand is not put into PS1:
 *   PS1 then holds a reference to a variable (sh, bash) or a slot of `psvar` (zsh), whose values no shell expands again.
 * - What it changes is saved only when it was set, so that `deactivate` can tell empty from unset. The names of the saved
 *   values are those that other tools use: their `deactivate` undoes this script, and this one undoes theirs.
 * - It works under `set -eu`, and leaves no variable of its own behind.
 */
export const activatePosix: string = `# Use this file with "." or "source", in sh, bash, zsh, dash or ksh; "deactivate" undoes it.
# It is the same in every environment and finds its own place. Settings of your own do not belong here.

_pen_file=
if [ -n "\${BASH_VERSION-}" ]; then
    eval '_pen_file=\${BASH_SOURCE[0]-}'
elif [ -n "\${ZSH_VERSION-}" ]; then
    # %x shows a line break in the path as an escape, $0 does not; but options can make $0 the name of the shell.
    eval 'if [[ -o functionargzero && ! -o posixargzero ]]; then _pen_file=$0; else _pen_file=\${(%):-%x}; fi'
elif [ -n "\${KSH_VERSION-}" ] && (eval ': "\${.sh.file}"') 2>/dev/null; then
    eval '_pen_file=\${.sh.file}'
elif [ -r /proc/self/stat ]; then
    IFS=' ' read -r _pen_pid _pen_line </proc/self/stat
    _pen_options=$-
    set +f
    for _pen_fd in /proc/"$_pen_pid"/fd/*; do
        if [ -f "$_pen_fd" ]; then
            _pen_line=$(readlink "$_pen_fd"; printf .)
            case $_pen_line in
                */activate??) _pen_file=\${_pen_line%??} ;;
            esac
        fi
    done
    case $_pen_options in
        *f*) set -f ;;
    esac
fi
case $_pen_file in
    [A-Za-z]:[\\\\/]*)
        # A path as Windows writes it, in a shell of Cygwin or MSYS.
        if command -v cygpath >/dev/null 2>&1; then
            _pen_line=$(cygpath -u "$_pen_file"; printf .)
            _pen_file=\${_pen_line%??}
        fi
        ;;
esac
case $_pen_file in
    '' | /*) ;;
    *) _pen_file=$PWD/$_pen_file ;;
esac
if [ -h "$_pen_file" ] && [ ! -f "\${_pen_file%/*/*}/pyvenv.cfg" ]; then
    _pen_line=$(readlink -f "$_pen_file"; printf .)
    _pen_file=\${_pen_line%??}
fi
_pen_bin=\${_pen_file%/*}
case $_pen_bin/ in
    *//* | */./* | */../*)
        # "command" passes by functions named cd; zsh has a way that passes by its hooks as well.
        if [ -n "\${ZSH_VERSION-}" ]; then
            eval '_pen_bin=\${_pen_bin:a}'
        else
            _pen_line=$(CDPATH='' command cd "$_pen_bin" && pwd; printf .)
            _pen_bin=\${_pen_line%??}
        fi
        ;;
esac

case \${ZSH_EVAL_CONTEXT-}:$0 in
    *file*:*) ;;
    :activate | :*/activate | toplevel*:*)
        if [ "$0" -ef "$_pen_file" ]; then
            printf "activate: this file is to be read by your shell, not to be run. Type:  . '%s/activate'\\n" "$_pen_bin" >&2
            exit 33
        fi
        ;;
esac
if [ ! -f "\${_pen_bin%/*}/pyvenv.cfg" ]; then
    printf "activate: cannot find the environment that this file belongs to (no pyvenv.cfg above '%s').\\n" "$_pen_bin" >&2
    unset _pen_file _pen_bin _pen_line _pen_pid _pen_fd _pen_options
    return 1 2>/dev/null || exit 1
fi

# Another environment that is active in this shell is left first.
if [ -n "\${_OLD_VIRTUAL_PATH+set}" ] && command -v deactivate >/dev/null 2>&1; then
    deactivate nondestructive || :
fi

deactivate() {
    if [ -n "\${_OLD_VIRTUAL_PATH+set}" ]; then
        PATH=$_OLD_VIRTUAL_PATH
        export PATH
    fi
    if [ -n "\${_OLD_VIRTUAL_PYTHONHOME+set}" ]; then
        PYTHONHOME=$_OLD_VIRTUAL_PYTHONHOME
        export PYTHONHOME
    fi
    if [ -n "\${_OLD_PKG_CONFIG_PATH+set}" ]; then
        PKG_CONFIG_PATH=$_OLD_PKG_CONFIG_PATH
        export PKG_CONFIG_PATH
    elif [ -n "\${VIRTUAL_ENV+set}" ] && [ "\${PKG_CONFIG_PATH-}" = "$VIRTUAL_ENV/lib/pkgconfig" ]; then
        unset PKG_CONFIG_PATH
    fi
    if [ -n "\${_OLD_VIRTUAL_PS1+set}" ]; then
        PS1=$_OLD_VIRTUAL_PS1
    fi
    if [ -n "\${_OLD_VIRTUAL_PSVAR+set}" ]; then
        eval 'if [ "\${#psvar}" -eq "$_OLD_VIRTUAL_PSVAR" ]; then psvar[$_OLD_VIRTUAL_PSVAR]=(); fi'
    fi
    unset VIRTUAL_ENV VIRTUAL_ENV_PROMPT
    # An environment that was active in the process that started this shell is still active there.
    if [ -n "\${_OLD_VIRTUAL_ENV+set}" ]; then
        VIRTUAL_ENV=$_OLD_VIRTUAL_ENV
        export VIRTUAL_ENV
    fi
    if [ -n "\${_OLD_VIRTUAL_ENV_PROMPT+set}" ]; then
        VIRTUAL_ENV_PROMPT=$_OLD_VIRTUAL_ENV_PROMPT
        export VIRTUAL_ENV_PROMPT
    fi
    unset _OLD_VIRTUAL_PATH _OLD_VIRTUAL_PYTHONHOME _OLD_PKG_CONFIG_PATH _OLD_VIRTUAL_PS1 _OLD_VIRTUAL_PSVAR
    unset _OLD_VIRTUAL_ENV _OLD_VIRTUAL_ENV_PROMPT
    hash -r 2>/dev/null || :
    if [ "\${1-}" != nondestructive ]; then
        unset -f deactivate
    fi
}

if [ -n "\${VIRTUAL_ENV+set}" ]; then
    _OLD_VIRTUAL_ENV=$VIRTUAL_ENV
fi
if [ -n "\${VIRTUAL_ENV_PROMPT+set}" ]; then
    _OLD_VIRTUAL_ENV_PROMPT=$VIRTUAL_ENV_PROMPT
fi
VIRTUAL_ENV=\${_pen_bin%/*}
export VIRTUAL_ENV

# The name to show: "prompt" of pyvenv.cfg, else the name of the folder.
VIRTUAL_ENV_PROMPT=\${VIRTUAL_ENV##*/}
while IFS= read -r _pen_line || [ -n "$_pen_line" ]; do
    case $_pen_line in
        prompt=* | prompt[[:space:]]*=*)
            VIRTUAL_ENV_PROMPT=\${_pen_line#*=}
            while :; do
                case $VIRTUAL_ENV_PROMPT in
                    [[:space:]]*) VIRTUAL_ENV_PROMPT=\${VIRTUAL_ENV_PROMPT#?} ;;
                    *[[:space:]]) VIRTUAL_ENV_PROMPT=\${VIRTUAL_ENV_PROMPT%?} ;;
                    *) break ;;
                esac
            done
            case $VIRTUAL_ENV_PROMPT in
                \\'*\\' | \\"*\\")
                    VIRTUAL_ENV_PROMPT=\${VIRTUAL_ENV_PROMPT#?}
                    VIRTUAL_ENV_PROMPT=\${VIRTUAL_ENV_PROMPT%?}
                    ;;
            esac
            ;;
    esac
done <"$VIRTUAL_ENV/pyvenv.cfg"
while :; do
    case $VIRTUAL_ENV_PROMPT in
        *[[:cntrl:]]*) VIRTUAL_ENV_PROMPT=\${VIRTUAL_ENV_PROMPT%%[[:cntrl:]]*}?\${VIRTUAL_ENV_PROMPT#*[[:cntrl:]]} ;;
        *) break ;;
    esac
done
export VIRTUAL_ENV_PROMPT

_OLD_VIRTUAL_PATH=\${PATH-}
PATH=$_pen_bin\${PATH:+:$PATH}
export PATH

if [ -n "\${PYTHONHOME+set}" ]; then
    _OLD_VIRTUAL_PYTHONHOME=$PYTHONHOME
    unset PYTHONHOME
fi

if [ -n "\${PKG_CONFIG_PATH+set}" ]; then
    _OLD_PKG_CONFIG_PATH=$PKG_CONFIG_PATH
fi
PKG_CONFIG_PATH=$VIRTUAL_ENV/lib/pkgconfig\${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH

if [ -z "\${VIRTUAL_ENV_DISABLE_PROMPT-}" ] && [ -n "\${PS1+set}" ]; then
    _OLD_VIRTUAL_PS1=$PS1
    case \${ZSH_VERSION:+zsh}:$VIRTUAL_ENV_PROMPT in
        zsh:*[\\\\\\\`\\$!]*)
            eval 'psvar+=("$VIRTUAL_ENV_PROMPT"); _OLD_VIRTUAL_PSVAR=\${#psvar}; PS1="(%\${#psvar}v) $PS1"'
            ;;
        zsh:*)
            eval 'PS1="(\${VIRTUAL_ENV_PROMPT//\\%/%%}) $PS1"'
            ;;
        *[\\\\\\\`\\$!\\"]*)
            PS1="(\\\${VIRTUAL_ENV_PROMPT-}) $PS1"
            ;;
        *)
            PS1="($VIRTUAL_ENV_PROMPT) $PS1"
            ;;
    esac
fi

unset _pen_file _pen_bin _pen_line _pen_pid _pen_fd _pen_options
hash -r 2>/dev/null || :
`;
