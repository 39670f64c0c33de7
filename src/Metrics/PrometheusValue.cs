using System.Buffers;
using System.Globalization;

namespace GpuMem.Metrics;

/// <summary>Numbers, names and label values as Prometheus' text format wants them.</summary>
internal static class PrometheusValue
{
    private static readonly SearchValues<char> OfNames = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    internal static string Of(double value) =>
        double.IsNaN(value) ? "NaN"
        : double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    internal static string Name(string name)
    {
        // Nearly all are, and each measurement asks.
        if (name.Length > 0 && !name.AsSpan().ContainsAnyExcept(OfNames) && !char.IsAsciiDigit(name[0]))
            return name;
        string clean = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_'));
        return clean.Length == 0 || char.IsAsciiDigit(clean[0]) ? "_" + clean : clean;
    }

    internal static string Escaped(string value) => !value.AsSpan().ContainsAny('\\', '"', '\n')
        ? value
        : value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    internal static string Help(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary><c>a="1",b="2"</c>, sorted: the same labels in another order are the same series.</summary>
    internal static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0)
            return "";
        string[] labels = new string[tags.Length];
        for (int i = 0; i < tags.Length; i++)
            labels[i] = $"{Name(tags[i].Key)}=\"{Escaped(Convert.ToString(tags[i].Value, CultureInfo.InvariantCulture) ?? "")}\"";
        Array.Sort(labels, StringComparer.Ordinal);
        return string.Join(',', labels);
    }
}
