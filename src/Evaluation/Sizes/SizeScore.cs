using GpuMem.Catalogues.Models;
using GpuMem.Serving;
using GpuMem.Estimation.Models;

namespace GpuMem.Evaluation.Sizes;

/// <summary>Our size of a model held against the real class's.</summary>
/// <param name="Weighed">The real class.</param>
/// <param name="Model">As we read its configuration; null when it is refused.</param>
/// <param name="Refusal">Why it is refused; null when it is not.</param>
public sealed record SizeScore(WeighedModel Weighed, ModelArchitecture? Model, string? Refusal)
{
    /// <summary>A size that far off in percent is exact for every purpose.</summary>
    public const double Exact = 0.1;

    /// <summary>In percent of the real class's parameters; null when one of the two is not known.</summary>
    public double? Error => Model is { } model && Weighed.Parameters is { } real ? 100.0 * (model.TotalParameters - real) / real : null;

    /// <summary>The size is said to be no more than a guess, or to leave parts out: it denies nothing.</summary>
    public bool IsGuess => Model is { } model && (model.UnknownFamily is not null || model.UnreadFields.Count > 0 || model.Knowledge == ModelKnowledge.LanguagePartOnly);

    /// <summary>The cache that transformers keeps; null when the model is refused.</summary>
    public ModelCache? Cache => Model is { HasCache: true } model ? ModelCache.Of(model, InferenceEngine.HuggingFace) : null;

    /// <summary>Our cache is the real one's to the byte; null when one of the two is not known.</summary>
    public bool? CacheIsEqual => Cache is { } ours && Weighed.Cache is { } real ? (ours.PerToken.Value, ours.PerSequence.Value) == real : null;

    public static SizeScore Of(WeighedModel weighed)
    {
        if (weighed.Config is not { } config)
            return new(weighed, null, "the class has no default configuration");
        try
        {
            return new(weighed, HuggingFaceConfig.Parse(config, weighed.Name), null);
        }
        catch (ModelFormatException refusal)
        {
            return new(weighed, null, refusal.Message);
        }
    }
}
