# Completion of reqcli in bash: the program itself says what may come next.

_reqcli() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ $line == :file ]]; then
            compopt -o default
        else
            line=${line%%$'\t'*}
            # What is to be typed on (`--session=`, `X-Tenant:`) gets no space after it.
            [[ $line == *[=:] ]] && compopt -o nospace
            COMPREPLY+=("$line")
        fi
    done < <(_REQCLI_COMPLETE=bash "$1" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}

complete -o nosort -F _reqcli reqcli
