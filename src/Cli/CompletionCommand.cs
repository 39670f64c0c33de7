using System.CommandLine;

namespace GpuMem.Cli;

/// <summary><c>gpumem completion SHELL</c>: what the shell runs so that commands and flags complete themselves.</summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish; or kubectl, for kubectl gpumem in all of them" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "kubectl");
        var command = new Command("completion", "Print the completion script of a shell, or what kubectl runs as kubectl_complete-gpumem.") { shell };
        command.SetAction(result =>
        {
            Console.Out.Write(Script(result.GetValue(shell)!));
            return ExitStatus.Fits;
        });
        return command;
    }

    /// <summary>Each asks the executable itself, by the directive of System.CommandLine, what may stand at the cursor; where it has nothing to say, files may.</summary>
    private static string Script(string shell) => shell switch
    {
        "bash" => """
            _gpumem() {
              local IFS=$'\n'
              COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _gpumem gpumem kubectl-gpumem

            """,
        "zsh" => """
            #compdef gpumem kubectl-gpumem
            _gpumem() {
              local -a found
              found=(${(f)"$("${words[1]}" "[suggest:${#LBUFFER}]" "$LBUFFER" 2>/dev/null)"})
              if (( $#found )); then compadd -- $found; else _files; fi
            }
            compdef _gpumem gpumem kubectl-gpumem

            """,
        // kubectl runs kubectl_complete-PLUGIN with the words so far, the last unfinished, and takes lines and a directive (k8s.io/kubectl, pkg/cmd/plugin).
        "kubectl" => """
            #!/bin/sh
            line="gpumem $*"
            kubectl-gpumem "[suggest:${#line}]" "$line" 2>/dev/null
            echo :0

            """,
        _ => """
            function __gpumem
              set --local line (commandline --cut-at-cursor)
              set --local found (gpumem "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)
              if test -n "$found"
                printf '%s\n' $found
              else
                __fish_complete_path (commandline --current-token)
              end
            end
            complete --command gpumem --command kubectl-gpumem --no-files --arguments '(__gpumem)'

            """,
    };
}
