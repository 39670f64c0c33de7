using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuMem.Evaluation.Cases;

/// <summary>Reads one line of a case file, strictly: what is unknown, missing, given twice or of the wrong type is an error, never skipped.</summary>
public static class CaseReader
{
    /// <exception cref="CaseFormatException">The line is no case; the message says which field is wrong and how.</exception>
    public static MeasuredCase Parse(ReadOnlySpan<byte> utf8Line)
    {
        MeasuredCase? parsed;
        try
        {
            parsed = JsonSerializer.Deserialize(utf8Line, CaseJsonContext.Default.MeasuredCase);
        }
        catch (JsonException error)
        {
            throw new CaseFormatException(error.Path is { Length: > 1 } path ? $"{path[2..]}: {Reason(error)}" : Reason(error));
        }

        if (parsed is null)
            throw new CaseFormatException("null is no case");
        CaseRules.Check(parsed);
        return parsed;
    }

    /// <summary>Without the position that System.Text.Json appends, since the caller knows the line, and without the names of our types.</summary>
    private static string Reason(JsonException error)
    {
        var text = error.Message;
        if (text.Contains("could not be mapped", StringComparison.Ordinal))
            return "no such field in a case; remove it or correct its name";
        var end = text.IndexOf(" Path:", StringComparison.Ordinal);
        return end > 0 ? text[..end] : text;
    }
}

/// <summary>A line of a case file that is no case.</summary>
public sealed class CaseFormatException(string message) : Exception(message);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 16,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(MeasuredCase))]
internal sealed partial class CaseJsonContext : JsonSerializerContext;
