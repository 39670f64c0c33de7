namespace GpuMem.TestKit;

/// <summary>README.md and docs/: what they tell people to type, and what they say is then printed.</summary>
public static class Documents
{
    private const string Prompt = "$ ";

    /// <summary>README.md, CONTRIBUTING.md and the pages of docs/.</summary>
    public static IEnumerable<string> Pages =>
    [
        "README.md", "CONTRIBUTING.md",
        .. Directory.GetFiles(Path.Combine(RepositoryRoot.Path, "docs"), "*.md").Select(path => $"docs/{Path.GetFileName(path)}").Order(StringComparer.Ordinal),
    ];

    public static string Text(string page) => File.ReadAllText(Path.Combine(RepositoryRoot.Path, page));

    /// <summary>The lines of a page's shell blocks, without comments; one that goes on in the next is one.</summary>
    /// <param name="page">Such as <c>docs/operations.md</c>.</param>
    public static IEnumerable<string> Commands(string page) =>
        from block in Blocks(page)
        where block.Language == "sh"
        from line in block.Text.Replace("\\\n", "", StringComparison.Ordinal).Split('\n')
        let command = (line.IndexOf("  #", StringComparison.Ordinal) is > 0 and var comment ? line[..comment] : line).Trim()
        where command.Length > 0
        select command;

    /// <summary>Blocks that begin with a prompt: what is typed, and all that is then printed.</summary>
    /// <param name="page">Such as <c>docs/plan.md</c>.</param>
    public static IEnumerable<(string Command, string Printed)> Sessions(string page) =>
        from block in Blocks(page)
        where block.Text.StartsWith(Prompt, StringComparison.Ordinal)
        let end = block.Text.IndexOf('\n', StringComparison.Ordinal)
        where end > 0
        select (block.Text[Prompt.Length..end], block.Text[(end + 1)..].TrimEnd());

    private static IEnumerable<(string Language, string Text)> Blocks(string page)
    {
        var parts = ("\n" + Text(page)).Split("\n```");
        for (var at = 1; at < parts.Length; at += 2)
        {
            var end = parts[at].IndexOf('\n', StringComparison.Ordinal);
            if (end >= 0)
                yield return (parts[at][..end], parts[at][(end + 1)..]);
        }
    }
}
