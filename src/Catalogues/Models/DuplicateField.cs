using System.Text.Json;

namespace GpuMem.Catalogues.Models;

/// <summary>Which field a JSON text gives twice; asked only after a strict parser has refused it.</summary>
internal static class DuplicateField
{
    /// <returns>Its name, shortened; null when the text has another fault.</returns>
    public static string? Of(ReadOnlyMemory<byte> utf8Json, int maxDepth)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8Json, new JsonDocumentOptions { MaxDepth = maxDepth });
            return In(document.RootElement);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? In(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var seen = new HashSet<string>();
                foreach (var field in element.EnumerateObject())
                {
                    if (!seen.Add(field.Name))
                        return Shortened(field.Name);
                    if (In(field.Value) is { } inside)
                        return $"{Shortened(field.Name)}.{inside}";
                }

                return null;
            case JsonValueKind.Array:
                return element.EnumerateArray().Select(In).FirstOrDefault(found => found is not null);
            default:
                return null;
        }
    }

    private static string Shortened(string name) => name.Length > 40 ? name[..40] + "…" : name;
}
