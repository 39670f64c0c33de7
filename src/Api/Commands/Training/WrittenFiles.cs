using System.Text;

namespace GpuMem.Api.Commands.Training;

/// <summary>Files that a script writes before it starts a training: their text is known where cat or tee writes a here-document.</summary>
internal sealed class WrittenFiles
{
    // What stands before a command in a script.
    private static readonly string[] Before = ["if", "then", "else", "elif", "do", "while", "{", "!", "sudo", "env", "time", "exec"];

    // What changes a file in its place where it is told to.
    private static readonly string[] Editors = ["sed", "perl", "yq", "awk", "gawk"];

    /// <summary>The text of each file, or why it is not known.</summary>
    private readonly Dictionary<string, (StringBuilder? Text, string Problem)> _files = new(StringComparer.Ordinal);

    /// <summary>Takes what a command writes.</summary>
    public void Take(ShellCommand command)
    {
        List<string> words = [.. command.Words.SkipWhile(word => Before.Contains(word))];
        if (words.Count == 0)
            return;
        var program = Path.GetFileName(words[0]);
        List<string> flags = [.. words.Skip(1).Where(Argument.IsFlag)], operands = [.. words.Skip(1).Where(word => !Argument.IsFlag(word) && word != "-")];

        // Other programs make another text of what they are given.
        var text = program == "tee" || (program == "cat" && operands.Count == 0) ? command.Document : null;
        if (program == "tee")
        {
            foreach (var operand in operands)
                Write(ContainerPath.Of(operand, command.Directory), text, flags.Exists(flag => flag is "-a" or "--append"), program);
        }
        else if (program is "cp" or "mv" && operands.Count > 1)
            Write(ContainerPath.Of(operands[^1], command.Directory), text: null, isAppended: false, program);
        else if (Editors.Contains(program) && flags.Exists(flag => flag.StartsWith("-i", StringComparison.Ordinal) || flag is "-pi" or "-pie" or "--in-place" or "--inplace"))
        {
            foreach (var path in operands.Select(operand => ContainerPath.Of(operand, command.Directory)).Where(_files.ContainsKey))
                _files[path] = (null, $"{path} is changed by {program}, which is not run");
        }
        foreach (var (path, isAppended) in command.Outputs)
            Write(ContainerPath.Of(path, command.Directory), text, isAppended, program);
    }

    /// <param name="path">As <see cref="ContainerPath.Of"/> names it.</param>
    /// <param name="text">The text; null where it is not known.</param>
    /// <param name="problem">Why it is not known; empty when it is.</param>
    /// <returns>False where no command writes the file.</returns>
    public bool Find(string path, out string? text, out string problem)
    {
        var isWritten = _files.TryGetValue(path, out var written);
        (text, problem) = isWritten ? (written.Text?.ToString(), written.Problem) : (null, "");
        return isWritten;
    }

    /// <summary>Of two texts one may stand in another branch than the other, and what a file held that is appended to only the image may know.</summary>
    private void Write(string path, string? text, bool isAppended, string program)
    {
        if (path.StartsWith("/dev/", StringComparison.Ordinal))
            return;
        var isKnown = _files.TryGetValue(path, out var before);
        if (text is not null && isAppended && isKnown)
        {
            before.Text?.Append(text);
            return;
        }
        _files[path] = text is null ? (null, $"{path} is written by {program}, which is not run")
            : isAppended ? (null, $"{path} is appended to, and what it held before is not known")
            : isKnown && before.Text?.Equals(text.AsSpan()) != true ? (null, $"{path} is written more than once, and which text it holds only running the script would tell")
            : (new StringBuilder(text), "");
    }
}
