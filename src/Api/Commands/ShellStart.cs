namespace GpuMem.Api.Commands;

/// <summary>How a shell is started.</summary>
internal static class ShellStart
{
    /// <summary>Index of the script that a shell is given as a word, itself started by tini or env maybe; null where none is.</summary>
    /// <remarks>
    /// Options come first, several letters in one word maybe; c among them says that the first word behind the options is the script, and each o takes a word
    /// for its value (POSIX XCU sh; bash's O as well). Behind a file's name, options are the file's.
    /// </remarks>
    public static int? ScriptIn(IReadOnlyList<string> words)
    {
        var at = 0;
        while (at < words.Count && (Path.GetFileName(words[at]) is "tini" or "dumb-init" or "env" or "exec" or "nohup" || (at > 0 && (Argument.IsFlag(words[at]) || ShellWords.IsAssignment(words[at])))))
            at++;
        if (at >= words.Count || Path.GetFileName(words[at]) is not ("sh" or "bash" or "dash" or "zsh" or "ash"))
            return null;
        var isScript = false;
        at++;
        for (; at < words.Count && words[at] is ['-' or '+', _, ..] option; at++)
        {
            if (option == "--")
            {
                at++;
                break;
            }
            if (option is "--rcfile" or "--init-file")
                at++;
            else if (!option.StartsWith("--", StringComparison.Ordinal))
            {
                isScript |= option[0] == '-' && option.Contains('c', StringComparison.Ordinal);
                at += option.Count(letter => letter is 'o' or 'O');
            }
        }
        return isScript && at < words.Count ? at : null;
    }
}
