# Completion of reqcli in fish: the program itself says what may come next.

function __reqcli_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    for line in (_REQCLI_COMPLETE=fish $words[1] $words[2..-1] "$typed" 2>/dev/null)
        if test "$line" = :file
            __fish_complete_path "$typed"
        else
            echo $line
        end
    end
end

complete --command reqcli --no-files --arguments '(__reqcli_complete)'
