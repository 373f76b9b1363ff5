# Completions of mfactl for bash (4.3 or newer). mfactl itself says what can
# stand next: words, options, and what the state has in sight of the operator.

_mfactl() {
    local line=$COMP_LINE word words=() i
    # bash breaks words at = : @ as well: what stands together on the line is one.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((i == 0)) || [[ $line == [[:blank:]]* ]]; then
            words+=("$word")
        else
            words[${#words[@]} - 1]+=$word
        fi
        line=${line#"${line%%[![:blank:]]*}"}
        line=${line#"$word"}
    done

    # What bash keeps of such a word, whatever is put after it.
    local current=${words[${#words[@]} - 1]} quote=''
    if [[ $current == [\'\"]* ]]; then
        quote=${current:0:1} current=${current:1}
        words[${#words[@]} - 1]=$current
    elif [[ $current == *\\* ]]; then
        local plain='' rest=$current
        while [[ $rest == *\\* ]]; do
            plain+=${rest%%\\*} rest=${rest#*\\}
            plain+=${rest:0:1} rest=${rest:1}
        done
        words[${#words[@]} - 1]=$plain$rest
    fi
    local kept=${current%"$2"}

    local program=${words[0]/#\~\//$HOME/} kind='' value
    COMPREPLY=()
    while IFS=$'\t' read -r value _; do
        if [[ -z $kind ]]; then
            kind=$value
            continue
        fi
        value=${value#"$kept"}
        [[ -z $quote && $value == *[!A-Za-z0-9_./:=@#%+,-]* ]] && printf -v value '%q' "$value"
        [[ $value == *[=:] ]] && compopt -o nospace
        COMPREPLY+=("$value")
    done < <("$program" __complete "$((${#words[@]} - 1))" "${words[@]}" 2>/dev/null)

    case $kind in
        files) compopt -o default ;;
        dirs) compopt -o dirnames ;;
    esac
}

complete -F _mfactl mfactl
