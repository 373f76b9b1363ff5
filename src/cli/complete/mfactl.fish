# Completions of mfactl for fish. mfactl itself says what can stand next: words,
# options, and what the state has in sight of the operator.

function __mfactl_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l current (commandline --current-token --cut-at-cursor)
    # As it will be once it is unquoted; a quote that is still open is taken as closed.
    set current (string unescape -- "$current"; or printf '%s\n' "$current")
    # As in `MFACTL_STATE=demo mfactl …`.
    while string match -q -r '^[A-Za-z_][A-Za-z0-9_]*=' -- "$words[1]"
        set -l parts (string split -m 1 = -- $words[1])
        set -lx $parts[1] $parts[2]
        set -e words[1]
    end
    set -l lines (command $words[1] __complete (count $words) $words "$current" 2>/dev/null)
    if set -q lines[2]
        printf '%s\n' $lines[2..-1]
    end
    set -l option (string match -r '^--[^=]*=' -- $current)
    set -l path (string replace -r '^--[^=]*=' '' -- $current)
    switch "$lines[1]"
        case files
            printf "$option%s\n" (__fish_complete_path $path)
        case dirs
            printf "$option%s\n" (__fish_complete_directories $path '')
    end
end

complete --command mfactl --no-files --arguments '(__mfactl_complete)'
