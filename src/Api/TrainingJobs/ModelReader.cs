using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Api.TrainingJobs;

/// <summary>Turns <c>spec.model</c> into dimensions.</summary>
internal static class ModelReader
{
    /// <summary>Null with a problem when the model cannot be known.</summary>
    public static ModelArchitecture? Read(ModelSpec? model, string? ns, IConfigMapModels configMaps, List<JobProblem> problems)
    {
        if (model is null || Given(model) is not [var only])
        {
            problems.Add(new JobProblem("model", Alternatives(model)));
            return null;
        }
        try
        {
            return only switch
            {
                "name" => ByName(model.Name!, problems),
                "config" => HuggingFaceConfig.Parse(KubernetesJson.Default.Serialize(model.Config!), "config.json"),
                "configMapKeyRef" => FromConfigMap(model.ConfigMapKeyRef!, ns, configMaps, problems),
                "parameters" => ModelArchitecture.FromParameterCount(model.Parameters!),
                _ => Explicit(model.Architecture!, problems),
            };
        }
        catch (ModelFormatException error)
        {
            problems.Add(new JobProblem($"model.{only}", error.Message));
            return null;
        }
    }

    private static List<string> Given(ModelSpec model) =>
    [
        .. model.Name is not null ? ["name"] : Array.Empty<string>(),
        .. model.Config is not null ? ["config"] : Array.Empty<string>(),
        .. model.ConfigMapKeyRef is not null ? ["configMapKeyRef"] : Array.Empty<string>(),
        .. model.Architecture is not null ? ["architecture"] : Array.Empty<string>(),
        .. model.Parameters is not null ? ["parameters"] : Array.Empty<string>(),
    ];

    private static string Alternatives(ModelSpec? model)
    {
        var given = model is null ? [] : Given(model);
        var found = given.Count == 0 ? "none is given" : $"{string.Join(" and ", given)} are given";
        return $"give exactly one of name, config, configMapKeyRef, architecture and parameters; {found}";
    }

    private static ModelArchitecture? ByName(string name, List<JobProblem> problems)
    {
        if (ModelCatalogue.TryFind(name, out var model, out var problem))
            return model;
        problems.Add(new JobProblem("model.name", problem));
        return null;
    }

    private static ModelArchitecture? FromConfigMap(ConfigMapKeyReference reference, string? ns, IConfigMapModels configMaps, List<JobProblem> problems)
    {
        if (configMaps.TryGet(ns, reference, out var model, out var problem))
            return model;
        problems.Add(new JobProblem("model.configMapKeyRef", problem));
        return null;
    }

    private static ModelArchitecture? Explicit(ArchitectureSpec spec, List<JobProblem> problems)
    {
        if (spec is not { HiddenSize: { } hidden, Layers: { } layers, AttentionHeads: { } heads, FeedForwardSize: { } feedForward, VocabularySize: { } vocabulary })
        {
            problems.Add(new JobProblem("model.architecture", "hiddenSize, layers, attentionHeads, feedForwardSize and vocabularySize are all needed"));
            return null;
        }
        if (spec.HeadDimension is null && (heads <= 0 || hidden % heads != 0))
        {
            problems.Add(new JobProblem("model.architecture.headDimension", $"hiddenSize {hidden} cannot be divided by attentionHeads {heads}; give headDimension"));
            return null;
        }
        return new ModelArchitecture
        {
            Name = "the given architecture",
            HiddenSize = hidden,
            Layers = layers,
            AttentionHeads = heads,
            KeyValueHeads = spec.KeyValueHeads ?? heads,
            HeadDimension = spec.HeadDimension ?? (int)(hidden / heads),
            FeedForwardSize = feedForward,
            VocabularySize = vocabulary,
            TiedEmbeddings = spec.TiedEmbeddings ?? false,
            GatedFeedForward = spec.GatedFeedForward ?? true,
        };
    }
}
