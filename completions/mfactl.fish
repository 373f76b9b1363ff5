# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_mfactl_global_optspecs
    string join \n state= config= as= o/format= y/yes lock-timeout= color= q/quiet v/verbose wide allow-nfs h/help V/version
end

function __fish_mfactl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_mfactl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_mfactl_using_subcommand
    set -l cmd (__fish_mfactl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c mfactl -n "__fish_mfactl_needs_command" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_needs_command" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_needs_command" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_needs_command" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_needs_command" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_needs_command" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_needs_command" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_needs_command" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_needs_command" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_needs_command" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_needs_command" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_needs_command" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_needs_command" -s V -l version -d 'Print version'
complete -c mfactl -n "__fish_mfactl_needs_command" -f -a "init" -d 'Make a state directory; you become its first operator'
complete -c mfactl -n "__fish_mfactl_needs_command" -f -a "user" -d 'Accounts: their switch, memberships and enrolment'
complete -c mfactl -n "__fish_mfactl_needs_command" -f -a "org" -d 'Organisations: enforcement and rules'
complete -c mfactl -n "__fish_mfactl_needs_command" -f -a "exception" -d 'Exceptions: terms in which no second factor is asked for'
complete -c mfactl -n "__fish_mfactl_needs_command" -f -a "explain" -d 'Explain what a sign-in needs, rule by rule'
complete -c mfactl -n "__fish_mfactl_needs_command" -f -a "signin" -d 'The question that is asked where people sign in'
complete -c mfactl -n "__fish_mfactl_needs_command" -f -a "audit" -d 'The record of every change'
complete -c mfactl -n "__fish_mfactl_needs_command" -f -a "operator" -d 'Who may run mfactl'
complete -c mfactl -n "__fish_mfactl_needs_command" -f -a "state" -d 'The state directory itself'
complete -c mfactl -n "__fish_mfactl_needs_command" -f -a "key" -d 'The key that secrets are sealed with'
complete -c mfactl -n "__fish_mfactl_needs_command" -f -a "convert" -d 'TOTP enrolments from the files of other tools, and to them'
complete -c mfactl -n "__fish_mfactl_needs_command" -f -a "completions" -d 'Print completions for a shell'
complete -c mfactl -n "__fish_mfactl_needs_command" -f -a "man" -d 'Write the manual pages'
complete -c mfactl -n "__fish_mfactl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand init" -l operator -d 'The name of the first operator, a site-admin [default: the OS user\'s name]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand init" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand init" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand init" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand init" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand init" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand init" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand init" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand init" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand init" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand init" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand init" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand init" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand init" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand init" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand init" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "add" -d 'Add an account'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "edit" -d 'Change name, e-mail address or way of signing in'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "rename" -d 'Give an account another login; its id stays'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "remove" -d 'Remove an account for good'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "activate" -d 'Let accounts sign in again'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "deactivate" -d 'Deny accounts everywhere, without removing them'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "import" -d 'Take accounts over from CSV, all in one revision'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "show" -d 'Show one account: switch, enrolment, memberships, exceptions'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "list" -d 'List accounts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "find" -d 'Find accounts by a part of login, name, id or e-mail address'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "set-mfa" -d 'Switch MFA on or off for accounts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "opt-out" -d 'Opt memberships of one org out of MFA'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "opt-in" -d 'End the opt-out of memberships of one org'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "join" -d 'Make accounts members of an org'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "leave" -d 'End the membership of an org'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "role" -d 'Change what a member is in an org'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "membership" -d 'Change just the fields of a membership that a document names'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "reset" -d 'Clear the enrolment, so that a new one is asked for when MFA is needed'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "unlock" -d 'Let locked-out accounts try again; the enrolment stays'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "enrol" -d 'Hand out a TOTP secret, or record the method that a user registered elsewhere'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "confirm" -d 'Confirm an enrolment with a code of the app; prints the recovery codes once'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "codes" -d 'Issue new recovery codes and print them once; the old ones are void'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and not __fish_seen_subcommand_from add edit rename remove activate deactivate import show list find set-mfa opt-out opt-in join leave role membership reset unlock enrol confirm codes help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -l id -d 'The stable id [default: one is made]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -l name -d 'The name in words' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -l email -d 'The e-mail address' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -l sign-in -d 'How the account signs in' -r -f -a "password\t''
sso\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -l provider -d 'The identity provider of an SSO account' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -l org -d 'An org to join, with the role there; can be repeated' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -l mfa -d 'The per-user switch [default: off]' -r -f -a "on\t''
off\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -l name -d 'The name in words' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -l email -d 'The e-mail address' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -l sign-in -d 'How the account signs in' -r -f -a "password\t''
sso\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -l provider -d 'The identity provider of an SSO account' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from rename" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from rename" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from rename" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from rename" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from rename" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from rename" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from rename" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from rename" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from rename" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from rename" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from rename" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from rename" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from rename" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from rename" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from rename" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from remove" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from remove" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from remove" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from remove" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from remove" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from remove" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from remove" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from remove" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from remove" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from remove" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from remove" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -l from-file -d 'The users from a file (`-`: stdin), one a line or CSV with a header' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -l where -d 'The users of whom all of this is true: org=ORG,mfa=off,enrolment=none,sign_in=password,active=yes' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -l keep-going -d 'Do what can be done, a result a row; exit 1 if any failed'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from activate" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -l from-file -d 'The users from a file (`-`: stdin), one a line or CSV with a header' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -l where -d 'The users of whom all of this is true: org=ORG,mfa=off,enrolment=none,sign_in=password,active=yes' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -l keep-going -d 'Do what can be done, a result a row; exit 1 if any failed'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from deactivate" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -l create-orgs -d 'Make the orgs that are named and not there'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -l update -d 'Bring accounts that are there up to date instead of refusing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -l init -d 'Make the state where there is none'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from show" -l at -d 'The state as it was at this revision or instant' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from show" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from show" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from show" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from show" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from show" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from show" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from show" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from show" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from list" -l org -d 'Only members of this org' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from list" -l where -d 'Only users of whom all of this is true: org=ORG,mfa=off,enrolment=none,sign_in=password,active=yes' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from list" -l at -d 'The state as it was at this revision or instant' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from list" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from list" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from list" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from list" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from list" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from list" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from list" -l sort -d 'Sort jsonl by login too; costs memory'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from list" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from list" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from find" -l at -d 'The state as it was at this revision or instant' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from find" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from find" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from find" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from find" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from find" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from find" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from find" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from find" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from find" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from find" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from find" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from find" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -l from-file -d 'The users from a file (`-`: stdin), one a line or CSV with a header' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -l where -d 'The users of whom all of this is true: org=ORG,mfa=off,enrolment=none,sign_in=password,active=yes' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -l requested-by -d 'Who asked for it' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -l keep-going -d 'Do what can be done, a result a row; exit 1 if any failed'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from set-mfa" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -l from-file -d 'The users from a file (`-`: stdin), one a line or CSV with a header' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -l where -d 'The users of whom all of this is true: org=ORG,mfa=off,enrolment=none,sign_in=password,active=yes' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -l org -d 'The org that they then enter without MFA' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -l until -d 'When the opt-out ends by itself [default: never]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -l keep-going -d 'Do what can be done, a result a row; exit 1 if any failed'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-out" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -l from-file -d 'The users from a file (`-`: stdin), one a line or CSV with a header' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -l where -d 'The users of whom all of this is true: org=ORG,mfa=off,enrolment=none,sign_in=password,active=yes' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -l org -d 'The org' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -l keep-going -d 'Do what can be done, a result a row; exit 1 if any failed'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from opt-in" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -l from-file -d 'The users from a file (`-`: stdin), one a line or CSV with a header' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -l where -d 'The users of whom all of this is true: org=ORG,mfa=off,enrolment=none,sign_in=password,active=yes' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -l org -d 'The org to join' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -l role -d 'What they are there' -r -f -a "member\t''
helpdesk\t''
admin\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -l keep-going -d 'Do what can be done, a result a row; exit 1 if any failed'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from join" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -l from-file -d 'The users from a file (`-`: stdin), one a line or CSV with a header' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -l where -d 'The users of whom all of this is true: org=ORG,mfa=off,enrolment=none,sign_in=password,active=yes' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -l org -d 'The org to leave' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -l keep-going -d 'Do what can be done, a result a row; exit 1 if any failed'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from leave" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from role" -l org -d 'The org' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from role" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from role" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from role" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from role" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from role" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from role" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from role" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from role" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from role" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from role" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from role" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from role" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from role" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from role" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from role" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from membership" -l org -d 'The org' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from membership" -l from-file -d 'The document (`-`: stdin), JSON or YAML' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from membership" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from membership" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from membership" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from membership" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from membership" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from membership" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from membership" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from membership" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from membership" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from membership" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from membership" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from membership" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from membership" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from membership" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from membership" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -l from-file -d 'The users from a file (`-`: stdin), one a line or CSV with a header' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -l where -d 'The users of whom all of this is true: org=ORG,mfa=off,enrolment=none,sign_in=password,active=yes' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -l keep-going -d 'Do what can be done, a result a row; exit 1 if any failed'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from unlock" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from unlock" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from unlock" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from unlock" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from unlock" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from unlock" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from unlock" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from unlock" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from unlock" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from unlock" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from unlock" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from unlock" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from unlock" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from unlock" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from unlock" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l external -d 'Record a method that is registered with this other system instead' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l verify-code -d 'Show the secret, then read the app\'s code from stdin and confirm in one go' -r -f -a "-\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l algorithm -d 'The hash; apps that read another than SHA1 are few' -r -f -a "SHA1\t''
SHA256\t''
SHA512\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l digits -d 'Digits of a code' -r -f -a "6\t''
8\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l period -d 'Seconds that a code is shown for' -r -f -a "30\t''
60\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l issuer -d 'Who issues it, as the app shows it [default: issuer of the configuration, then mfactl]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l png -d 'Write the QR code to a new PNG file' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l svg -d 'Write the QR code to a new SVG file' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l out -d 'Write the answer with the secret to this new file (mode 0600) instead' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l unverified -d 'Count the enrolment at once, without a code that shows that the app has the secret'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l ascii -d 'Draw the QR code with plain ASCII'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l light -d 'Draw the QR code for dark text on a light background'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l reveal -d 'Print the secret although stdout is no terminal'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from enrol" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -l code-from -d 'Read the app\'s code from a file (`-`: stdin) [default: asked for on the terminal]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -l out -d 'Write the answer with the secret to this new file (mode 0600) instead' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -l reveal -d 'Print the secret although stdout is no terminal'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from confirm" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from codes" -l out -d 'Write the answer with the secret to this new file (mode 0600) instead' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from codes" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from codes" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from codes" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from codes" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from codes" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from codes" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from codes" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from codes" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from codes" -l reveal -d 'Print the secret although stdout is no terminal'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from codes" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from codes" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from codes" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from codes" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from codes" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from codes" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from codes" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "add" -d 'Add an account'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "edit" -d 'Change name, e-mail address or way of signing in'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "rename" -d 'Give an account another login; its id stays'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Remove an account for good'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "activate" -d 'Let accounts sign in again'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "deactivate" -d 'Deny accounts everywhere, without removing them'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "import" -d 'Take accounts over from CSV, all in one revision'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one account: switch, enrolment, memberships, exceptions'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "list" -d 'List accounts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "find" -d 'Find accounts by a part of login, name, id or e-mail address'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "set-mfa" -d 'Switch MFA on or off for accounts'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "opt-out" -d 'Opt memberships of one org out of MFA'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "opt-in" -d 'End the opt-out of memberships of one org'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "join" -d 'Make accounts members of an org'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "leave" -d 'End the membership of an org'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "role" -d 'Change what a member is in an org'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "membership" -d 'Change just the fields of a membership that a document names'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "reset" -d 'Clear the enrolment, so that a new one is asked for when MFA is needed'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "unlock" -d 'Let locked-out accounts try again; the enrolment stays'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "enrol" -d 'Hand out a TOTP secret, or record the method that a user registered elsewhere'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "confirm" -d 'Confirm an enrolment with a code of the app; prints the recovery codes once'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "codes" -d 'Issue new recovery codes and print them once; the old ones are void'
complete -c mfactl -n "__fish_mfactl_using_subcommand user; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -f -a "add" -d 'Add an org'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -f -a "edit" -d 'Change an org\'s settings and its rules for exceptions'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -f -a "enforce" -d 'Enforce MFA for every member, or stop'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -f -a "show" -d 'Show one org'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -f -a "list" -d 'List orgs'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -f -a "remove" -d 'Remove an org without members and exceptions'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and not __fish_seen_subcommand_from add edit enforce show list remove help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -l name -d 'The name in words' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -l opt-out -d 'Whether members may be opted out of MFA [default of a new org: allow]' -r -f -a "allow\t''
deny\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -l mandate-role -d 'A membership role that always needs MFA; can be repeated' -r -f -a "member\t''
helpdesk\t''
admin\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -l service -d 'A service that exceptions may be limited to; can be repeated' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -l grace-days -d 'Days in which members without an enrolment may go on without one' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l name -d 'The name in words' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l opt-out -d 'Whether members may be opted out of MFA [default of a new org: allow]' -r -f -a "allow\t''
deny\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l mandate-role -d 'A membership role that always needs MFA; can be repeated' -r -f -a "member\t''
helpdesk\t''
admin\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l service -d 'A service that exceptions may be limited to; can be repeated' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l grace-days -d 'Days in which members without an enrolment may go on without one' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l no-mandate-role -d 'A role that no longer always needs MFA; can be repeated' -r -f -a "member\t''
helpdesk\t''
admin\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l no-service -d 'A service that is no longer one; can be repeated' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l short-max -d 'The longest short exception, 24h at most' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l long-max -d 'The longest long exception, 180d at most' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l short-per-30-days -d 'How many short exceptions a user may be granted in 30 days' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l approval -d 'Whether long exceptions need a second operator' -r -f -a "none\t''
two-person\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l add-reason -d 'A reason code of the org\'s own; can be repeated' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l no-reason -d 'A reason code that is not to be used here; can be repeated' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -l starts -d 'When enforcement begins [default: now]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -l grace-days -d 'Days in which members without an enrolment may go on without one' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -l restart-grace -d 'Count the days of grace anew for everybody'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -l force -d 'Enforce although no administrator of the org would be let in; recorded'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from enforce" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from show" -l at -d 'The state as it was at this revision or instant' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from show" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from show" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from show" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from show" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from show" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from show" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from show" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from show" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from list" -l at -d 'The state as it was at this revision or instant' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from list" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from list" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from list" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from list" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from list" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from list" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from list" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from list" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from remove" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from remove" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from remove" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from remove" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from remove" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from remove" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from remove" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from remove" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from remove" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from remove" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from remove" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from help" -f -a "add" -d 'Add an org'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from help" -f -a "edit" -d 'Change an org\'s settings and its rules for exceptions'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from help" -f -a "enforce" -d 'Enforce MFA for every member, or stop'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one org'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from help" -f -a "list" -d 'List orgs'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Remove an org without members and exceptions'
complete -c mfactl -n "__fish_mfactl_using_subcommand org; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -f -a "grant" -d 'Grant an exception'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -f -a "request" -d 'Ask for an exception that somebody else approves'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -f -a "approve" -d 'Approve an exception that was asked for'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -f -a "reject" -d 'Refuse an exception that was asked for'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -f -a "show" -d 'Show one exception'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -f -a "list" -d 'List exceptions; live ones where nothing else is chosen'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -f -a "revoke" -d 'End an exception before its time'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -f -a "expire" -d 'Record what has ended since the last time, and its follow-up (for cron)'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -f -a "follow-ups" -d 'List ended exceptions after which the user must enrol again, and has not'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -f -a "reasons" -d 'List the reason codes'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and not __fish_seen_subcommand_from grant request approve reject show list revoke expire follow-ups reasons help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l from-file -d 'The users from a file (`-`: stdin), one a line or CSV with a header' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l where -d 'The users of whom all of this is true: org=ORG,mfa=off,enrolment=none,sign_in=password,active=yes' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l org -d 'An org that it covers; can be repeated [default: all of the user\'s in which you may grant it]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l service -d 'A service that it covers; can be repeated [default: all]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l starts -d 'When it begins [default: now, or its approval]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l for -d 'How long it lasts [default: as long as may be]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l until -d 'When it ends' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l reason -d 'The code of the reason, out of `exception reasons`' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l note -d 'A note in words' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l evidence -d 'A file or URL that shows why; can be repeated' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l channel -d 'How the request came [default: phone for short ones, shared-mailbox for long ones]' -r -f -a "phone\t''
shared-mailbox\t''
email\t''
portal\t''
in-person\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l requested-by -d 'Who asked for it [default: the user]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l keep-going -d 'Do what can be done, a result a row; exit 1 if any failed'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l short -d 'A short one, 24 hours at most'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l long -d 'A long one, 180 days at most, with evidence'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l replace -d 'End the exception that this one overlaps, in the same act'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l unenrolled-ok -d 'Allow it for a user who never registered a method; always waits for approval'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from grant" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l from-file -d 'The users from a file (`-`: stdin), one a line or CSV with a header' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l where -d 'The users of whom all of this is true: org=ORG,mfa=off,enrolment=none,sign_in=password,active=yes' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l org -d 'An org that it covers; can be repeated [default: all of the user\'s in which you may grant it]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l service -d 'A service that it covers; can be repeated [default: all]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l starts -d 'When it begins [default: now, or its approval]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l for -d 'How long it lasts [default: as long as may be]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l until -d 'When it ends' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l reason -d 'The code of the reason, out of `exception reasons`' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l note -d 'A note in words' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l evidence -d 'A file or URL that shows why; can be repeated' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l channel -d 'How the request came [default: phone for short ones, shared-mailbox for long ones]' -r -f -a "phone\t''
shared-mailbox\t''
email\t''
portal\t''
in-person\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l requested-by -d 'Who asked for it [default: the user]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l keep-going -d 'Do what can be done, a result a row; exit 1 if any failed'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l short -d 'A short one, 24 hours at most'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l long -d 'A long one, 180 days at most, with evidence'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l replace -d 'End the exception that this one overlaps, in the same act'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l unenrolled-ok -d 'Allow it for a user who never registered a method; always waits for approval'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from request" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from approve" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from approve" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from approve" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from approve" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from approve" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from approve" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from approve" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from approve" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from approve" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from approve" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from approve" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from approve" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from approve" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from approve" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from approve" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reject" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reject" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reject" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reject" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reject" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reject" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reject" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reject" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reject" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reject" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reject" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reject" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reject" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reject" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reject" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from show" -l at -d 'The state as it was at this revision or instant' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from show" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from show" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from show" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from show" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from show" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from show" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from show" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from show" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -l user -d 'Only those of this user: LOGIN, id:ID or mail:ADDRESS' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -l expiring-within -d 'Only those that end within this time' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -l during -d 'Only those that were or will be live in this time' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -l at -d 'The state as it was at this revision or instant' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -l live -d 'Those that exempt now (the default)'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -l scheduled -d 'Those whose start is ahead'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -l requested -d 'Those that wait for approval'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -l ended -d 'Those that are over: expired, revoked or rejected'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -l all -d 'All of them'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -l fail-if-any -d 'Exit 1 if there are any'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from revoke" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from revoke" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from revoke" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from revoke" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from revoke" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from revoke" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from revoke" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from revoke" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from revoke" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from revoke" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from revoke" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from revoke" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from revoke" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from revoke" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from expire" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from expire" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from expire" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from expire" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from expire" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from expire" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from expire" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from expire" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from expire" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from expire" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from expire" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from expire" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from expire" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from expire" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from expire" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from follow-ups" -l at -d 'The state as it was at this revision or instant' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from follow-ups" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from follow-ups" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from follow-ups" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from follow-ups" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from follow-ups" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from follow-ups" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from follow-ups" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from follow-ups" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from follow-ups" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from follow-ups" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from follow-ups" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from follow-ups" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reasons" -l org -d 'With the codes that this org added, without those that it switched off' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reasons" -l at -d 'The state as it was at this revision or instant' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reasons" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reasons" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reasons" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reasons" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reasons" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reasons" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reasons" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reasons" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reasons" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reasons" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reasons" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from reasons" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from help" -f -a "grant" -d 'Grant an exception'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from help" -f -a "request" -d 'Ask for an exception that somebody else approves'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from help" -f -a "approve" -d 'Approve an exception that was asked for'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from help" -f -a "reject" -d 'Refuse an exception that was asked for'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one exception'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from help" -f -a "list" -d 'List exceptions; live ones where nothing else is chosen'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'End an exception before its time'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from help" -f -a "expire" -d 'Record what has ended since the last time, and its follow-up (for cron)'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from help" -f -a "follow-ups" -d 'List ended exceptions after which the user must enrol again, and has not'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from help" -f -a "reasons" -d 'List the reason codes'
complete -c mfactl -n "__fish_mfactl_using_subcommand exception; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand explain" -l org -d 'The org that the user wants to enter [default: each of the user\'s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand explain" -l service -d 'The service that the user wants to enter [default: none in particular]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand explain" -l at -d 'The state as it was at this revision or instant' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand explain" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand explain" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand explain" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand explain" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand explain" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand explain" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand explain" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand explain" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand explain" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand explain" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand explain" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand explain" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and not __fish_seen_subcommand_from check verify help" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and not __fish_seen_subcommand_from check verify help" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and not __fish_seen_subcommand_from check verify help" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and not __fish_seen_subcommand_from check verify help" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and not __fish_seen_subcommand_from check verify help" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and not __fish_seen_subcommand_from check verify help" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and not __fish_seen_subcommand_from check verify help" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and not __fish_seen_subcommand_from check verify help" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and not __fish_seen_subcommand_from check verify help" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and not __fish_seen_subcommand_from check verify help" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and not __fish_seen_subcommand_from check verify help" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and not __fish_seen_subcommand_from check verify help" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and not __fish_seen_subcommand_from check verify help" -f -a "check" -d 'Decide whether a sign-in needs a code; exit 0 where it may go on as it is'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and not __fish_seen_subcommand_from check verify help" -f -a "verify" -d 'Decide, and look at the code that the decision asks for; exit 0 lets in'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and not __fish_seen_subcommand_from check verify help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from check" -l org -d 'The org that the user wants to enter' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from check" -l service -d 'The service that the user wants to enter [default: none in particular]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from check" -l at -d 'The state as it was at this revision or instant' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from check" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from check" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from check" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from check" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from check" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from check" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from check" -l allow-code -d 'Say yes also where only the code is missing, which something else asks for'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from check" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from check" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from check" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from verify" -l org -d 'The org that the user wants to enter' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from verify" -l service -d 'The service that the user wants to enter [default: none in particular]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from verify" -l code-from -d 'Read the code from a file (`-`: stdin) [default: asked for on the terminal]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from verify" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from verify" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from verify" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from verify" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from verify" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from verify" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from verify" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from verify" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from help" -f -a "check" -d 'Decide whether a sign-in needs a code; exit 0 where it may go on as it is'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Decide, and look at the code that the decision asks for; exit 0 lets in'
complete -c mfactl -n "__fish_mfactl_using_subcommand signin; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and not __fish_seen_subcommand_from log show verify head help" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and not __fish_seen_subcommand_from log show verify head help" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and not __fish_seen_subcommand_from log show verify head help" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and not __fish_seen_subcommand_from log show verify head help" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and not __fish_seen_subcommand_from log show verify head help" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and not __fish_seen_subcommand_from log show verify head help" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and not __fish_seen_subcommand_from log show verify head help" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and not __fish_seen_subcommand_from log show verify head help" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and not __fish_seen_subcommand_from log show verify head help" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and not __fish_seen_subcommand_from log show verify head help" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and not __fish_seen_subcommand_from log show verify head help" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and not __fish_seen_subcommand_from log show verify head help" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and not __fish_seen_subcommand_from log show verify head help" -f -a "log" -d 'List records, newest first'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and not __fish_seen_subcommand_from log show verify head help" -f -a "show" -d 'Show one record with everything that it changed'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and not __fish_seen_subcommand_from log show verify head help" -f -a "verify" -d 'Check the chain and the state against it; exit 1 if anything is wrong'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and not __fish_seen_subcommand_from log show verify head help" -f -a "head" -d 'Print the head of the chain, to be kept elsewhere'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and not __fish_seen_subcommand_from log show verify head help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -l user -d 'Only records about this user: LOGIN, id:ID or mail:ADDRESS' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -l org -d 'Only records that concern this org' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -l operator -d 'Only records of this operator' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -l action -d 'Only records of this act, as in user.reset' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -l since -d 'Only records from this instant on' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -l until -d 'Only records before this instant' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -l limit -d 'At most this many' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from log" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from show" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from show" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from show" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from show" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from show" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from show" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from show" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from show" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l head -d 'A head that was kept elsewhere: the chain must contain it' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from head" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from head" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from head" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from head" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from head" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from head" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from head" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from head" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from head" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from head" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from head" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from head" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "log" -d 'List records, newest first'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one record with everything that it changed'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check the chain and the state against it; exit 1 if anything is wrong'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "head" -d 'Print the head of the chain, to be kept elsewhere'
complete -c mfactl -n "__fish_mfactl_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -f -a "add" -d 'Add an operator'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -f -a "edit" -d 'Change an operator\'s OS users, roles or person'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -f -a "list" -d 'List operators'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -f -a "show" -d 'Show one operator'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -f -a "remove" -d 'Remove an operator'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -f -a "whoami" -d 'Say who you are to mfactl, and how it found that out'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and not __fish_seen_subcommand_from add edit list show remove whoami help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -l os-user -d 'An OS user that is this operator; can be repeated' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -l user -d 'The operator\'s own account: LOGIN, id:ID or mail:ADDRESS' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -l role -d 'What the operator may do: site-admin, auditor, admin:ORG or helpdesk:ORG; can be repeated' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -l service -d 'A machine account: may only apply policy and expire exceptions'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -l os-user -d 'An OS user that is this operator too; can be repeated' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -l no-os-user -d 'An OS user that is no longer this operator; can be repeated' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -l user -d 'The operator\'s own account: LOGIN, id:ID or mail:ADDRESS' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -l role -d 'A role to add: site-admin, auditor, admin:ORG or helpdesk:ORG; can be repeated' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -l no-role -d 'A role to take away; can be repeated' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from list" -l at -d 'The state as it was at this revision or instant' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from list" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from list" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from list" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from list" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from list" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from list" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from list" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from list" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from show" -l at -d 'The state as it was at this revision or instant' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from show" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from show" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from show" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from show" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from show" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from show" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from show" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from show" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from remove" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from remove" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from remove" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from remove" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from remove" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from remove" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from remove" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from remove" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from remove" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from remove" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from remove" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from whoami" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from whoami" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from whoami" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from whoami" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from whoami" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from whoami" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from whoami" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from whoami" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from whoami" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from whoami" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from whoami" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from whoami" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from help" -f -a "add" -d 'Add an operator'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from help" -f -a "edit" -d 'Change an operator\'s OS users, roles or person'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from help" -f -a "list" -d 'List operators'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one operator'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Remove an operator'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from help" -f -a "whoami" -d 'Say who you are to mfactl, and how it found that out'
complete -c mfactl -n "__fish_mfactl_using_subcommand operator; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and not __fish_seen_subcommand_from info check path accept-clock help" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and not __fish_seen_subcommand_from info check path accept-clock help" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and not __fish_seen_subcommand_from info check path accept-clock help" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and not __fish_seen_subcommand_from info check path accept-clock help" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and not __fish_seen_subcommand_from info check path accept-clock help" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and not __fish_seen_subcommand_from info check path accept-clock help" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and not __fish_seen_subcommand_from info check path accept-clock help" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and not __fish_seen_subcommand_from info check path accept-clock help" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and not __fish_seen_subcommand_from info check path accept-clock help" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and not __fish_seen_subcommand_from info check path accept-clock help" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and not __fish_seen_subcommand_from info check path accept-clock help" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and not __fish_seen_subcommand_from info check path accept-clock help" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and not __fish_seen_subcommand_from info check path accept-clock help" -f -a "info" -d 'Say where the state is, how large and how far'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and not __fish_seen_subcommand_from info check path accept-clock help" -f -a "check" -d 'Look for damage; exit 1 if there is any'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and not __fish_seen_subcommand_from info check path accept-clock help" -f -a "path" -d 'Say which files hold a user'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and not __fish_seen_subcommand_from info check path accept-clock help" -f -a "accept-clock" -d 'Record that the clock was corrected, so that changes are accepted again'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and not __fish_seen_subcommand_from info check path accept-clock help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from info" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from info" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from info" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from info" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from info" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from info" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from info" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from info" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from info" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from info" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from info" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from info" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from check" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from check" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from check" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from check" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from check" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from check" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from check" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from check" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from check" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from path" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from path" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from path" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from path" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from path" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from path" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from path" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from path" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from path" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from accept-clock" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from accept-clock" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from accept-clock" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from accept-clock" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from accept-clock" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from accept-clock" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from accept-clock" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from accept-clock" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from accept-clock" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from accept-clock" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from accept-clock" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from accept-clock" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from accept-clock" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from accept-clock" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from accept-clock" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "info" -d 'Say where the state is, how large and how far'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "check" -d 'Look for damage; exit 1 if there is any'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "path" -d 'Say which files hold a user'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "accept-clock" -d 'Record that the clock was corrected, so that changes are accepted again'
complete -c mfactl -n "__fish_mfactl_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and not __fish_seen_subcommand_from info rotate help" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and not __fish_seen_subcommand_from info rotate help" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and not __fish_seen_subcommand_from info rotate help" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and not __fish_seen_subcommand_from info rotate help" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and not __fish_seen_subcommand_from info rotate help" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and not __fish_seen_subcommand_from info rotate help" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and not __fish_seen_subcommand_from info rotate help" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and not __fish_seen_subcommand_from info rotate help" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and not __fish_seen_subcommand_from info rotate help" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and not __fish_seen_subcommand_from info rotate help" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and not __fish_seen_subcommand_from info rotate help" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and not __fish_seen_subcommand_from info rotate help" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and not __fish_seen_subcommand_from info rotate help" -f -a "info" -d 'Say where the key is, and whether it is the right one'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and not __fish_seen_subcommand_from info rotate help" -f -a "rotate" -d 'Make a new key and seal every secret with it, in one revision'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and not __fish_seen_subcommand_from info rotate help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from info" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from info" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from info" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from info" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from info" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from info" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from info" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from info" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from info" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from info" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from info" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from info" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from rotate" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from rotate" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from rotate" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from rotate" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from rotate" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from rotate" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "info" -d 'Say where the key is, and whether it is the right one'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "rotate" -d 'Make a new key and seal every secret with it, in one revision'
complete -c mfactl -n "__fish_mfactl_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and not __fish_seen_subcommand_from import export help" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and not __fish_seen_subcommand_from import export help" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and not __fish_seen_subcommand_from import export help" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and not __fish_seen_subcommand_from import export help" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and not __fish_seen_subcommand_from import export help" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and not __fish_seen_subcommand_from import export help" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and not __fish_seen_subcommand_from import export help" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and not __fish_seen_subcommand_from import export help" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and not __fish_seen_subcommand_from import export help" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and not __fish_seen_subcommand_from import export help" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and not __fish_seen_subcommand_from import export help" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and not __fish_seen_subcommand_from import export help" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and not __fish_seen_subcommand_from import export help" -f -a "import" -d 'Take TOTP enrolments over from a file of another tool, all in one revision'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and not __fish_seen_subcommand_from import export help" -f -a "export" -d 'Write TOTP enrolments to a file of another tool; the secrets are in it in clear'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and not __fish_seen_subcommand_from import export help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from import" -l user -d 'Whose the one enrolment of the file is, whatever it says itself' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from import" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from import" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from import" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from import" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from import" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from import" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from import" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from import" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from import" -l strict -d 'Take nothing over where something of the file would be lost'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from import" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from import" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from import" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from import" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from export" -s m -l message -d 'Why, in words, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from export" -l ticket -d 'The ticket that asks for it, for the audit' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from export" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from export" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from export" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from export" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from export" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from export" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from export" -l strict -d 'Write nothing where the format cannot carry something'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from export" -l dry-run -d 'Report what would change and write nothing'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from export" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from export" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from export" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from help" -f -a "import" -d 'Take TOTP enrolments over from a file of another tool, all in one revision'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write TOTP enrolments to a file of another tool; the secrets are in it in clear'
complete -c mfactl -n "__fish_mfactl_using_subcommand convert; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfactl -n "__fish_mfactl_using_subcommand completions" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand completions" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand completions" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand completions" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand completions" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand completions" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand completions" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand completions" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand completions" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand completions" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand completions" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand completions" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand man" -l state -d 'The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]' -r -f -a "(__fish_complete_directories)"
complete -c mfactl -n "__fish_mfactl_using_subcommand man" -l config -d 'The configuration file, TOML [default: MFACTL_CONFIG, then the user\'s, then /etc/mfactl/config.toml]' -r -F
complete -c mfactl -n "__fish_mfactl_using_subcommand man" -l as -d 'Act as this operator, one of those that this OS user is' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand man" -s o -l format -d 'How the answer is printed [default: table]' -r -f -a "table\t''
json\t''
jsonl\t''
yaml\t''
csv\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand man" -l lock-timeout -d 'How long to wait for the state\'s lock [default: 10s]' -r
complete -c mfactl -n "__fish_mfactl_using_subcommand man" -l color -d 'Whether to colour (NO_COLOR is respected) [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c mfactl -n "__fish_mfactl_using_subcommand man" -s y -l yes -d 'Answer yes to every question'
complete -c mfactl -n "__fish_mfactl_using_subcommand man" -s q -l quiet -d 'Print no warnings and hints'
complete -c mfactl -n "__fish_mfactl_using_subcommand man" -s v -l verbose -d 'Say on stderr which state and configuration count, and who acts'
complete -c mfactl -n "__fish_mfactl_using_subcommand man" -l wide -d 'Cut nothing in tables, however wide they get'
complete -c mfactl -n "__fish_mfactl_using_subcommand man" -l allow-nfs -d 'Work on a state that lies on NFS, where durability is not promised'
complete -c mfactl -n "__fish_mfactl_using_subcommand man" -s h -l help -d 'Print help'
complete -c mfactl -n "__fish_mfactl_using_subcommand help; and not __fish_seen_subcommand_from init user org exception explain signin audit operator state key convert completions man help" -f -a "init" -d 'Make a state directory; you become its first operator'
complete -c mfactl -n "__fish_mfactl_using_subcommand help; and not __fish_seen_subcommand_from init user org exception explain signin audit operator state key convert completions man help" -f -a "user" -d 'Accounts: their switch, memberships and enrolment'
complete -c mfactl -n "__fish_mfactl_using_subcommand help; and not __fish_seen_subcommand_from init user org exception explain signin audit operator state key convert completions man help" -f -a "org" -d 'Organisations: enforcement and rules'
complete -c mfactl -n "__fish_mfactl_using_subcommand help; and not __fish_seen_subcommand_from init user org exception explain signin audit operator state key convert completions man help" -f -a "exception" -d 'Exceptions: terms in which no second factor is asked for'
complete -c mfactl -n "__fish_mfactl_using_subcommand help; and not __fish_seen_subcommand_from init user org exception explain signin audit operator state key convert completions man help" -f -a "explain" -d 'Explain what a sign-in needs, rule by rule'
complete -c mfactl -n "__fish_mfactl_using_subcommand help; and not __fish_seen_subcommand_from init user org exception explain signin audit operator state key convert completions man help" -f -a "signin" -d 'The question that is asked where people sign in'
complete -c mfactl -n "__fish_mfactl_using_subcommand help; and not __fish_seen_subcommand_from init user org exception explain signin audit operator state key convert completions man help" -f -a "audit" -d 'The record of every change'
complete -c mfactl -n "__fish_mfactl_using_subcommand help; and not __fish_seen_subcommand_from init user org exception explain signin audit operator state key convert completions man help" -f -a "operator" -d 'Who may run mfactl'
complete -c mfactl -n "__fish_mfactl_using_subcommand help; and not __fish_seen_subcommand_from init user org exception explain signin audit operator state key convert completions man help" -f -a "state" -d 'The state directory itself'
complete -c mfactl -n "__fish_mfactl_using_subcommand help; and not __fish_seen_subcommand_from init user org exception explain signin audit operator state key convert completions man help" -f -a "key" -d 'The key that secrets are sealed with'
complete -c mfactl -n "__fish_mfactl_using_subcommand help; and not __fish_seen_subcommand_from init user org exception explain signin audit operator state key convert completions man help" -f -a "convert" -d 'TOTP enrolments from the files of other tools, and to them'
complete -c mfactl -n "__fish_mfactl_using_subcommand help; and not __fish_seen_subcommand_from init user org exception explain signin audit operator state key convert completions man help" -f -a "completions" -d 'Print completions for a shell'
complete -c mfactl -n "__fish_mfactl_using_subcommand help; and not __fish_seen_subcommand_from init user org exception explain signin audit operator state key convert completions man help" -f -a "man" -d 'Write the manual pages'
complete -c mfactl -n "__fish_mfactl_using_subcommand help; and not __fish_seen_subcommand_from init user org exception explain signin audit operator state key convert completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
