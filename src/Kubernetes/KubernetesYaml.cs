using GpuMem.Kubernetes.Yaml;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GpuMem.Kubernetes;

/// <summary>YAML or JSON files, as kubectl reads them. What is wrong with one is a <see cref="FormatException"/> with line and column.</summary>
public static class KubernetesYaml
{
    private const int MaxLength = 16 * 1024 * 1024;

    /// <summary>All documents, empty ones left out.</summary>
    public static IReadOnlyList<JsonNode> LoadAllFromString(string text)
    {
        if (text.Length > MaxLength)
            throw new FormatException($"the file is larger than {MaxLength >> 20} MiB");
        for (var mended = 0; ; mended++)
        {
            try
            {
                return YamlDocuments.Read(text);
            }
            catch (YamlException malformed)
            {
                text = (mended < QuotedLines.Most ? QuotedLines.Indent(text, malformed) : null)
                    ?? throw new FormatException($"line {malformed.Start.Line}, column {malformed.Start.Column}: {malformed.Message}", malformed);
            }
        }
    }

    /// <summary>Whether a bare word is read as text, and not as a number, a boolean or null.</summary>
    public static bool IsText(string word) => YamlScalar.ToJson(new Scalar(null, null, word, ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false))?.GetValueKind() == JsonValueKind.String;

    /// <summary>All documents as <typeparamref name="T"/>.</summary>
    public static IReadOnlyList<T> LoadAllFromString<T>(string text, KubernetesJson? json = null) =>
        [.. LoadAllFromString(text).Select((document, index) => Convert<T>(document, index, json ?? KubernetesJson.Default))];

    private static T Convert<T>(JsonNode document, int index, KubernetesJson json)
    {
        try
        {
            return document.Deserialize(json.ReadInfo<T>())!;
        }
        catch (JsonException mismatch)
        {
            throw new FormatException($"document {index + 1}: {mismatch.Message}", mismatch);
        }
    }
}
