namespace GpuMem.Api.Commands;

/// <summary>How a shell is started.</summary>
/// <param name="At">Index of the word that is its script, or that names the script's file.</param>
/// <param name="IsFile">That word names a file.</param>
/// <param name="ByShell">A shell is started by its name; otherwise the file itself, which only its first line makes a script.</param>
internal readonly record struct ShellStart(int At, bool IsFile, bool ByShell)
{
    private static readonly string[] Shells = ["sh", "bash", "dash", "zsh", "ash"];

    /// <summary>Whether a program is a shell, by its name.</summary>
    public static bool IsShell(string program) => Shells.Contains(Path.GetFileName(program));

    /// <summary>Whether the first line of a file has a shell run it, as in <c>#!/usr/bin/env bash</c>.</summary>
    public static bool IsScript(string text)
    {
        var line = text.Split('\n', 2)[0].TrimEnd();
        return line.StartsWith("#!", StringComparison.Ordinal) && Array.Exists(line[2..].Split([' ', '/'], StringSplitOptions.RemoveEmptyEntries), word => Shells.Contains(word));
    }

    /// <summary>The script that a shell is given as a word or as a file, itself started by tini or env maybe; null where none is.</summary>
    /// <remarks>
    /// Options come first, several letters in one word maybe; c among them says that the first word behind the options is the script, and each o takes a word
    /// for its value (POSIX XCU sh; bash's O as well). Behind a file's name, options are the file's. Where a shell reads its standard input, with s or without
    /// any such word, the index is the number of words.
    /// </remarks>
    public static ShellStart? Of(IReadOnlyList<string> words)
    {
        var at = 0;
        while (at < words.Count && (Path.GetFileName(words[at]) is "tini" or "dumb-init" or "env" or "exec" or "nohup" or "sudo" or "time" or "then" or "else" or "do" || (at > 0 && (Argument.IsFlag(words[at]) || ShellWords.IsAssignment(words[at])))))
            at++;
        if (at >= words.Count)
            return null;
        if (!IsShell(words[at]))
            return words[at].Contains('/', StringComparison.Ordinal) ? new ShellStart(at, IsFile: true, ByShell: false) : null;
        var (isScript, readsInput) = (false, false);
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
                readsInput |= option[0] == '-' && option.Contains('s', StringComparison.Ordinal);
                at += option.Count(letter => letter is 'o' or 'O');
            }
        }
        return new ShellStart(readsInput && !isScript ? words.Count : Math.Min(at, words.Count), !isScript, ByShell: true);
    }
}
