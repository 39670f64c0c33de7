using System.Text.RegularExpressions;

namespace GpuMem.Architecture.Tests;

public sealed partial class StyleTests
{
    private const int LongestFile = 400;
    private const int LargestKubernetesLayer = 6_800;

    private static readonly string[] Folders = ["src", "tests", "docs", "hack", "charts", "bench", "config"];

    [Fact]
    public void No_source_file_is_long() => Assert.Empty(Code().Where(file => file.Text.Count(c => c == '\n') > LongestFile).Select(file => file.Path));

    /// <summary>What a kept library does is its own business: the layer below GpuMem may not grow back (docs/dependencies.md says what is written by hand, and why).</summary>
    [Fact]
    public void The_Kubernetes_layer_stays_small() =>
        Assert.InRange(SourceFiles.Under("src/Kubernetes").Sum(file => file.Text.Count(c => c == '\n')), 1, LargestKubernetesLayer);

    [Fact]
    public void No_type_is_named_after_nothing_in_particular() => Assert.Empty(Code().Saying(VagueTypes()));

    [Fact]
    public void No_file_names_a_machine_or_where_it_gets_packages() =>
        Assert.Empty(Folders.SelectMany(folder => SourceFiles.Under(folder, "*")).Where(file => !file.Text.Contains('\0', StringComparison.Ordinal)).Saying(Machines()));

    [Fact]
    public void Tests_do_not_wait_for_time_to_pass() => Assert.Empty(SourceFiles.Under("tests").Saying(Sleeps()));

    private static IEnumerable<(string Path, string Text)> Code() => SourceFiles.Under("src").Concat(SourceFiles.Under("tests"));

    // A field manager is a thing of Kubernetes: whoever owns a field under server-side apply.
    [GeneratedRegex(@"\b(class|struct|record|interface|enum)\s+\w*(Helpers?|(?<!Field)Managers?|Utils?|Utilities)\b")]
    private static partial Regex VagueTypes();

    // Letters in brackets keep the pattern from finding itself.
    [GeneratedRegex(@"(?<![\w.])/([w]ork|[h]ome|[U]sers|[r]oot)/|[a]rtifactory|[n]exus\.|\b[n]uget\.org|[r]egistry\.npmjs|[p]ypi\.|[p]roxy\.golang|\.[i]nternal\b", RegexOptions.IgnoreCase)]
    private static partial Regex Machines();

    [GeneratedRegex(@"\bThread\.[S]leep|\bTask\.[D]elay\(\d")]
    private static partial Regex Sleeps();
}
