#compdef reqcli
# Completion of reqcli in zsh: the program itself says what may come next.

_reqcli() {
    local line word
    local -a words_told open_words
    for line in "${(@f)$(_REQCLI_COMPLETE=zsh "${(Q)words[1]}" "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
        word=${line%%$'\t'*}
        if [[ -z $line ]]; then
            continue
        elif [[ $line == :file ]]; then
            _files
        elif [[ $word == *[=:] ]]; then
            open_words+=("$word")
        elif [[ $line == *$'\t'* ]]; then
            words_told+=("${word//:/\\:}:${line#*$'\t'}")
        else
            words_told+=("${word//:/\\:}")
        fi
    done
    # What is to be typed on (`X-Tenant:`) gets no space after it.
    (( $#open_words )) && compadd -S '' -- "${open_words[@]}"
    (( $#words_told )) && _describe -V reqcli words_told
}

if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
    _reqcli "$@"
else
    compdef _reqcli reqcli
fi
