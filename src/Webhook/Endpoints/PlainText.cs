using System.Globalization;

namespace GpuMem.Webhook.Endpoints;

/// <summary>Answers quote their author: what could steer a terminal or hide text on it is taken out, and warnings are kept short.</summary>
internal static class PlainText
{
    /// <summary>As the API server advises; it drops warnings whose sum is too long.</summary>
    private const int LongestWarning = 120;

    public static void Tidy(AdmissionResponse response)
    {
        if (response.Status is { Message: { } message } status)
            status.Message = Visible(message);
        if (response.Warnings is { } warnings)
            response.Warnings = [.. warnings.Select(warning => Cut(Visible(warning)))];
    }

    private static string Cut(string text) => text.Length <= LongestWarning ? text : string.Concat(text.AsSpan(0, LongestWarning - 1), "…");

    private static string Visible(string text) => text.AsSpan().ContainsAnyExceptInRange(' ', '~') && text.Any(IsHidden) ? string.Concat(text.Select(c => IsHidden(c) ? '\uFFFD' : c)) : text;

    /// <summary>Control characters, and those that turn the direction of writing around.</summary>
    private static bool IsHidden(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
