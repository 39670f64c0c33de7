namespace GpuMem.Catalogues.Models;

/// <summary>Reads <c>7B</c>, <c>1.5b</c>, <c>405B</c> or <c>7000000000</c>. No exponents, so no number is longer than it looks.</summary>
internal static class ParameterCountText
{
    private const int MaxLength = 24;

    /// <summary>Below this embeddings outweigh layers and no shape is typical.</summary>
    private const long Least = 100_000_000;

    /// <summary>Above this no model is known whose shape could be typical.</summary>
    private const long Most = 10_000_000_000_000;

    /// <exception cref="ModelFormatException">Not such a number, or outside <see cref="Least"/> and <see cref="Most"/>.</exception>
    public static long Parse(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.Length is 0 or > MaxLength)
            throw Unreadable(trimmed);

        var scale = char.ToUpperInvariant(trimmed[^1]) switch
        {
            'M' => 1_000_000m,
            'B' => 1_000_000_000m,
            'T' => 1_000_000_000_000m,
            _ => 1m,
        };
        var digits = scale == 1m ? trimmed : trimmed[..^1];
        if (!decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            throw Unreadable(trimmed);
        if (number < Least / scale || number > Most / scale)
            throw new ModelFormatException($"{trimmed} parameters: dimensions can be inferred from 100M to 10T only; give model.name or model.config instead");
        return (long)(number * scale);
    }

    private static ModelFormatException Unreadable(string text) =>
        new($"'{(text.Length > MaxLength ? text[..MaxLength] + "…" : text)}' is no number of parameters; write it like 7B, 1.5B or 350M");
}
