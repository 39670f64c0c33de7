using System.Text.RegularExpressions;

namespace GpuMem.Evaluation.LeftOut;

/// <summary>
/// Who published a measurement. Whatever the owner of a repository or account published is one source: authors, machines and habits are
/// shared. Where no owner is named it is the site, and without a site the words before the first colon.
/// </summary>
public static partial class Publisher
{
    // The repository of torchtune moved; what was published there before and after is one source.
    private const string Moved = "meta-pytorch";

    /// <summary>The publisher's name in lower case.</summary>
    /// <param name="source">The field <c>source</c> of a case.</param>
    public static string Of(string source)
    {
        if (Account().Match(source) is { Success: true } account)
            return account.Groups["name"].Value.ToLowerInvariant() is var name && name == Moved ? "pytorch" : name;
        var site = Site().Match(source);
        return (site.Success ? site.Groups["name"].Value : source.Split(':')[0].Trim()).ToLowerInvariant();
    }

    [GeneratedRegex(
        @"^(github:|https://github\.com/|https://huggingface\.co/)?(?<name>[\w.-]+)/[\w.-]",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Account();

    [GeneratedRegex(@"https?://(?<name>[^/\s)]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Site();
}
