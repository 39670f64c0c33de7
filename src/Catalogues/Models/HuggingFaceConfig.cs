using System.Text.Json;
using GpuMem.Catalogues.Parts;

namespace GpuMem.Catalogues.Models;

/// <summary>Reads a Hugging Face <c>config.json</c> as found in the wild.</summary>
public static class HuggingFaceConfig
{
    /// <summary>The largest <c>config.json</c> read; real ones have a few KiB.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>The deepest nesting read; real ones have three levels.</summary>
    public const int MaxDepth = 64;

    private static readonly string[] PooledFamilies = ["llama4", "gemma4", "mimo_v2"];

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    private const string ExpertType = "expert_dtype";

    // compression_config was its name in early files of compressed-tensors.
    private static readonly string[] StorageFields = ["quantization_config", "compression_config"];

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <exception cref="ModelFormatException">Not JSON, too large, too deep, or a field is missing, not a number or out of range; the message names it.</exception>
    public static ModelArchitecture Parse(ReadOnlyMemory<byte> utf8Json, string name = "config.json")
    {
        if (utf8Json.Length > MaxBytes)
            throw new ModelFormatException($"{name} has {utf8Json.Length} bytes; at most {MaxBytes} (1 MiB) are read. Real ones have a few KiB: is this the right file?");
        if (utf8Json.Span.StartsWith(ByteOrderMark))
            utf8Json = utf8Json[ByteOrderMark.Length..];

        try
        {
            using var document = JsonDocument.Parse(PythonNumbers.AsNull(utf8Json), Options);
            return Read(document.RootElement, name);
        }
        catch (JsonException exception)
        {
            if (DuplicateField.Of(utf8Json, MaxDepth) is { } duplicate)
                throw new ModelFormatException($"{name}: {duplicate} is given twice; remove one");
            throw new ModelFormatException(
                $"{name} is not JSON nested at most {MaxDepth} deep (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine}); give the model's config.json as published");
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json reports strings that are no valid Unicode only when they are read.
            throw new ModelFormatException($"{name} contains text that is not valid Unicode; give the model's config.json as published");
        }
    }

    private static ModelArchitecture Read(JsonElement root, string name)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new ModelFormatException($"{name} must be a JSON object, as a model's config.json is; it is {root.ValueKind}");

        var modelType = root.TryGetProperty("model_type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;
        var whole = new ConfigFields(root, name, ClassDefaults.Of(modelType, isNested: false));
        var model = Multimodal(whole, name, modelType) with { PooledWindows = IsPooled(modelType), PictureComplexity = VisionConfig.Complexity(whole) };
        if (model.Problem is { } problem)
            throw new ModelFormatException($"{name}: {problem}");
        foreach (var field in StorageFields)
        {
            // Some files say it of the language model alone.
            if ((whole.Nested(field) ?? whole.Nested("text_config")?.Nested(field)) is { } storage)
                return CheckpointConfig.Read(model, storage, field, modelType, whole.Text(ExpertType) ?? whole.Nested("text_config")?.Text(ExpertType));
        }

        return model;
    }

    /// <summary>Of these families SGLang keeps windows apart (sglang/srt/configs/model_config.py, is_hybrid_swa_model).</summary>
    private static bool IsPooled(string? modelType) =>
        modelType is "gpt_oss" or "step3p5" || Array.Exists(PooledFamilies, family => modelType?.StartsWith(family, StringComparison.Ordinal) == true);

    /// <summary>Multimodal models keep the language model's dimensions apart (Llava, Gemma 3, Llama 4), and say at the top whether its embedding is its output matrix.</summary>
    private static ModelArchitecture Multimodal(ConfigFields whole, string name, string? modelType)
    {
        var towers = TowerTypes.Find(modelType);
        var text = (towers?.Text ?? ["text_config"]).Select(whole.Nested).FirstOrDefault(nested => nested is not null)?.TiedAs(whole.TiedAbove ?? whole.Flag("tie_word_embeddings"));
        var fields = text ?? whole;
        var model = text is null || text.ModelType == modelType ? ModelConfig.Read(fields, name) : Multimodal(text, name, text.ModelType);
        if (towers is not null)
        {
            var (parameters, isRough) = towers.Count(whole);
            return Complete(model, fields) with { VisionParameters = model.VisionParameters + parameters, Pictures = parameters > 0 ? PictureTowers.Of(modelType, whole) : null, Knowledge = isRough ? ModelKnowledge.LanguagePartOnly : model.Knowledge };
        }

        model = Complete(model, fields);
        if (text is null && !whole.Has("vision_config"))
            return model;
        var vision = whole.Nested("vision_config") is { } described ? VisionConfig.Read(described) : 0;
        return model with { VisionParameters = vision, Knowledge = ModelKnowledge.LanguagePartOnly };
    }

    /// <summary>With what its file states and nobody asked for, a tower neither.</summary>
    private static ModelArchitecture Complete(ModelArchitecture model, ConfigFields fields) => model with { UnreadFields = [.. model.UnreadFields.Union(fields.Unread())] };
}
