using System.CommandLine;
using GpuMem.Catalogues;

namespace GpuMem.Cli;

/// <summary>What is said of arguments that no command takes: what is wrong, the flag or command that was meant, and where all of them are listed.</summary>
internal static class MistakenArguments
{
    private const int Most = 3;

    /// <returns>The status to end with.</returns>
    public static int Tell(ParseResult parsed)
    {
        var (error, command) = (parsed.InvocationConfiguration.Error, parsed.CommandResult.Command);
        foreach (var wrong in parsed.Errors)
            error.WriteLine($"gpumem: {wrong.Message}");
        // A word where a command is expected is a command; elsewhere only flags have names.
        var mistaken = command.Subcommands.Count > 0 ? parsed.UnmatchedTokens.Take(1) : parsed.UnmatchedTokens.Where(IsFlag);
        foreach (var token in mistaken)
        {
            var meant = ClosestNames.To(token.Split('=')[0], Names(command), Most);
            if (meant.Count > 0)
                error.WriteLine($"{token} may be meant as {string.Join(" or ", meant)}.");
        }

        error.WriteLine($"gpumem {(command is RootCommand ? "" : command.Name + " ")}--help lists what there is.");
        return ExitStatus.Error;
    }

    private static IEnumerable<string> Names(Command command) =>
        command.Subcommands.Count > 0 ? command.Subcommands.Select(sub => sub.Name) : command.Options.SelectMany(option => option.Aliases.Append(option.Name)).Where(IsFlag);

    private static bool IsFlag(string word) => word.StartsWith("--", StringComparison.Ordinal);
}
