namespace GpuMem.Api.Commands;

/// <summary>A redirection of a shell command: its operator, in front of the word that says where to (XCU 2.7).</summary>
/// <param name="IsOutput">Of standard output to a file; all others change nothing that is read here.</param>
/// <param name="IsAppended">Behind what the file holds.</param>
/// <param name="Last">Where the operator's last letter stands.</param>
internal readonly record struct ShellRedirection(bool IsOutput, bool IsAppended, int Last)
{
    /// <param name="script">The script.</param>
    /// <param name="at">Where its first &lt; or &gt; stands.</param>
    /// <param name="descriptor">The number in front of it; empty without one.</param>
    /// <returns>Null where none begins: bash's &lt;(command) and &gt;(command) are words.</returns>
    public static ShellRedirection? At(string script, int at, string descriptor)
    {
        var end = at + 1;
        while (end < script.Length && script[end] is '<' or '>' or '|' or '&')
            end++;
        if (end < script.Length && script[end] == '(' && end == at + 1)
            return null;
        var text = script[at..end];
        var isOutput = text is ">" or ">>" or ">|" && descriptor is "" or "1";
        return new ShellRedirection(isOutput, text == ">>", end - 1);
    }
}
