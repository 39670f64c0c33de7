using System.Globalization;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Programs;

/// <summary>The releases of programs whose code was read or whose runs were measured, and which of them is nearest to another.</summary>
internal static class TrainerVersions
{
    /// <summary>The longest text that is taken for a release.</summary>
    public const int MaxLength = 32;

    // transformers 4 and 5.8; torchtitan's runs of 2024-03 to 2026-06; torchtune's of 2024-05, 2024-09 and 2024-11; Megatron-LM core_r0.14.
    // A release is known when one of these begins it: 5 stands for 5.8.1.
    private static readonly string[] Transformers = ["4", "5"];
    private static readonly string[] Torchtitan = ["0.1", "0.2"];
    private static readonly string[] Torchtune = ["0.1", "0.3", "0.4"];
    private static readonly string[] Megatron = ["0.14"];

    /// <summary>Numbers with dots, perhaps with a suffix: <c>5.8.1</c>, <c>0.20.0rc1</c>.</summary>
    public static bool IsVersion(string text) => text.Length <= MaxLength && Numbers(text).Count > 0;

    /// <summary>Its first number; 0 when nothing is said.</summary>
    public static long Major(string? version) => version is null || Numbers(version) is not [var major, ..] ? 0 : major;

    /// <summary>What had to be assumed about the release, in a sentence; null when nothing.</summary>
    public static string? Assumed(Trainer? trainer, string? version)
    {
        if (trainer is not { } program || version is null)
            return null;
        var (known, numbers) = (Known(program), Numbers(version));
        if (known.Length == 0)
            return $"Releases of {program} are not told apart: {version} is taken to do what is known of it.";
        if (Array.Exists(known, release => Begins(Numbers(release), numbers)))
            return null;
        return $"{program} {version} is not known; it is taken to do what {Nearest(known, numbers)}, the nearest known release, does.";
    }

    /// <summary>The last one before it, or the first one that is known.</summary>
    private static string Nearest(string[] known, List<long> numbers) =>
        Array.FindLast(known, release => Compare(Numbers(release), numbers) <= 0) ?? known[0];

    private static string[] Known(Trainer trainer) => trainer switch
    {
        Trainer.HuggingFace => Transformers,
        Trainer.Torchtitan => Torchtitan,
        Trainer.Torchtune => Torchtune,
        Trainer.Megatron => Megatron,
        _ => [],
    };

    private static bool Begins(List<long> start, List<long> numbers) =>
        start.Count <= numbers.Count && start.SequenceEqual(numbers.Take(start.Count));

    private static int Compare(List<long> a, List<long> b)
    {
        for (var i = 0; i < Math.Min(a.Count, b.Count); i++)
            if (a[i] != b[i])
                return a[i].CompareTo(b[i]);
        return a.Count.CompareTo(b.Count);
    }

    /// <summary>The numbers it begins with; a suffix such as <c>rc1</c> ends them.</summary>
    private static List<long> Numbers(string version)
    {
        List<long> numbers = [];
        foreach (var part in version.Split('.'))
        {
            var digits = part.AsSpan(0, part.TakeWhile(char.IsAsciiDigit).Count());
            if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                break;
            numbers.Add(number);
            if (digits.Length < part.Length)
                break;
        }

        return numbers;
    }
}
