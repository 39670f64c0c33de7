using GpuMem.Catalogues.Models;

namespace GpuMem.Catalogues.Parts;

/// <summary>What a multimodal <c>model_type</c> has beside its language model: towers for pictures and sound, and what leads from them to the text.</summary>
internal sealed record TowerType
{
    /// <summary>The parts, counted over the fields of the whole model.</summary>
    public required Part[] Parts { get; init; }

    /// <summary>Where the language model's fields are, the first that is there; the whole model's own where none is.</summary>
    public string[] Text { get; init; } = ["text_config"];

    /// <summary>The class whose name ends in ForCausalLM has the towers, too; elsewhere it is the language model alone.</summary>
    public bool WithCausal { get; init; }

    /// <summary>Parameters of the towers, and whether they are only roughly known; 0 where the file names the language model's own class.</summary>
    public (long Parameters, bool IsRough) Count(ConfigFields whole)
    {
        if (!WithCausal && whole.Texts("architectures") is { Count: > 0 } names && names[0].EndsWith("ForCausalLM", StringComparison.Ordinal))
            return default;
        var (scope, count) = (new LayerScope(whole.UpTo(ModelLimits.MaxVocabularySize), layers: 1), new PartCount());
        try
        {
            foreach (var part in Parts)
                part(scope, count);
            return (count.Sizes.Total, count.IsRough);
        }
        catch (OverflowException)
        {
            throw whole.Refusal("the dimensions of its towers multiply to more parameters than any model has; check the largest of them");
        }
    }
}
