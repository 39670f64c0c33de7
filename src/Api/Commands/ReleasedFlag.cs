namespace GpuMem.Api.Commands;

/// <summary>How many of the words behind a flag are its own.</summary>
internal enum FlagWords
{
    Switch,
    Value,
    Optional,
    Values,
}

/// <summary>A flag of an engine, as a line of its file in Flags says it.</summary>
/// <param name="Names">As the engine spells it.</param>
/// <param name="Of">The name by which <see cref="EngineFlags"/> knows it.</param>
/// <param name="Words">What follows it.</param>
/// <param name="Since">The first release that was read and has it; null for the first that was read at all.</param>
/// <param name="Until">The last one; null for the last that was read at all.</param>
/// <param name="ChangesMemory">It changes what the GPU holds, in a way that the estimate does not follow.</param>
internal sealed record ReleasedFlag(IReadOnlyList<string> Names, string Of, FlagWords Words, string? Since, string? Until, bool ChangesMemory)
{
    public static ReleasedFlag Read(string line)
    {
        var words = line.Split(' ');
        var names = words.TakeWhile(word => word[0] == '-').ToList();
        var rest = words.Skip(names.Count + 1).ToList();
        return new ReleasedFlag(
            names,
            Behind(rest, "of") ?? names[0],
            Enum.Parse<FlagWords>(words[names.Count], ignoreCase: true),
            Behind(rest, "since"),
            Behind(rest, "until"),
            rest.Contains("memory"));
    }

    private static string? Behind(List<string> words, string word) => words.IndexOf(word) is >= 0 and var at ? words[at + 1] : null;
}
