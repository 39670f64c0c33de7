using System.Collections.Concurrent;
using System.Globalization;
using GpuMem.Catalogues;
using GpuMem.Serving;

namespace GpuMem.Api.Commands;

/// <summary>The flags that the releases of an engine have.</summary>
internal sealed class FlagList
{
    private static readonly ConcurrentDictionary<string, FlagList> Lists = new(StringComparer.Ordinal);

    // argparse takes the beginning of a name where only one flag begins so (allow_abbrev); clap, click and llama.cpp do not.
    private readonly bool _takesBeginnings;
    private readonly string[] _releases = [];
    private readonly ILookup<string, ReleasedFlag> _byName;

    private FlagList(string file)
    {
        _takesBeginnings = file is "vllm" or "sglang";
        List<ReleasedFlag> flags = [];
        using var reader = new StreamReader(typeof(FlagList).Assembly.GetManifestResourceStream($"{file}.txt")!);
        while (reader.ReadLine() is { } line)
        {
            if (line[0] == '-')
                flags.Add(ReleasedFlag.Read(line));
            else if (line.StartsWith("releases ", StringComparison.Ordinal))
                _releases = line.Split(' ')[1..];
        }
        _byName = flags.SelectMany(flag => flag.Names, (flag, name) => (flag, name)).ToLookup(pair => pair.name, pair => pair.flag, StringComparer.Ordinal);
    }

    public static FlagList Of(InferenceEngine engine) => Lists.GetOrAdd(
        engine switch
        {
            InferenceEngine.SGLang => "sglang",
            InferenceEngine.LlamaCpp => "llama-cpp",
            InferenceEngine.TGI => "tgi",
            InferenceEngine.TensorRTLLM => "tensorrt-llm",
            _ => "vllm",
        },
        file => new FlagList(file));

    /// <summary>The flag of that name, or of one that begins so, in a release; null when it is not there. Of an unknown release every flag is taken.</summary>
    public ReleasedFlag? Find(string name, string? release)
    {
        if (_byName[name].FirstOrDefault(flag => IsIn(flag, release)) is { } exact)
            return exact;
        if (!_takesBeginnings || !name.StartsWith("--", StringComparison.Ordinal) || name.Length == 2)
            return null;
        var longer = _byName
            .Where(named => named.Key.StartsWith(name, StringComparison.Ordinal) && !named.Key.Contains('=', StringComparison.Ordinal))
            .SelectMany(named => named)
            .Where(flag => IsIn(flag, release))
            .ToList();
        return longer.Select(flag => flag.Of).Distinct(StringComparer.Ordinal).Count() == 1 ? longer[^1] : null;
    }

    /// <summary>Which other release has the flag, in words; null when none that was read.</summary>
    public string? Elsewhere(string name, string? release)
    {
        if (release is null || !_byName.Contains(name) || _byName[name].Any(flag => IsIn(flag, release)))
            return null;
        return _byName[name].FirstOrDefault(flag => IsBefore(flag, release)) is { } later ? $"{later.Since} has it" : $"{_byName[name].Last().Until} had it";
    }

    /// <summary>The name that is nearest to one that no release has; null when none is near.</summary>
    public string? Nearest(string name) => ClosestNames.To(name, _byName.Select(named => named.Key).Where(known => known.StartsWith("--", StringComparison.Ordinal)), count: 1) is [var nearest] ? nearest : null;

    private bool IsIn(ReleasedFlag flag, string? release) => release is null || !(IsBefore(flag, release) || IsAfter(flag, release));

    /// <summary>Of a release between one that has not got the flag yet and one that has, nothing is known.</summary>
    private bool IsBefore(ReleasedFlag flag, string release) => flag.Since is { } since && ReleaseOrder.IsAtMost(release, Neighbour(since, -1));

    private bool IsAfter(ReleasedFlag flag, string release) => flag.Until is { } until && ReleaseOrder.IsAtLeast(release, Neighbour(until, 1));

    /// <summary>The release before or after another: of those that were read, or where builds are counted the next number.</summary>
    private string Neighbour(string release, int step) => _releases.Length > 0
        ? _releases[Array.IndexOf(_releases, release) + step]
        : (int.Parse(release, CultureInfo.InvariantCulture) + step).ToString(CultureInfo.InvariantCulture);
}
