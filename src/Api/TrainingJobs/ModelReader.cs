using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Api.TrainingJobs;

/// <summary>Turns <c>spec.model</c> into dimensions.</summary>
public static class ModelReader
{
    /// <param name="model">What was written.</param>
    /// <param name="ns">The namespace whose ConfigMaps it may name.</param>
    /// <param name="configMaps">The ConfigMaps there are.</param>
    /// <param name="problems">One entry more when the model cannot be known.</param>
    /// <returns>Null when the model cannot be known.</returns>
    public static ModelArchitecture? Read(ModelSpec? model, string? ns, IConfigMapModels configMaps, List<JobProblem> problems)
    {
        if (model is null || Given(model) is not [var only])
        {
            problems.Add(new JobProblem("model", Alternatives(model)));
            return null;
        }
        try
        {
            return AsRun(Stated(only, model, ns, configMaps, problems), model, problems);
        }
        catch (ModelFormatException error)
        {
            problems.Add(new JobProblem($"model.{only}", error.Message));
            return null;
        }
    }

    private static ModelArchitecture? Stated(string only, ModelSpec model, string? ns, IConfigMapModels configMaps, List<JobProblem> problems) => only switch
    {
        "name" => ByName(model.Name!, problems),
        "config" => HuggingFaceConfig.Parse(KubernetesJson.Default.Serialize(model.Config!), "config.json"),
        "configMapKeyRef" => FromConfigMap(model.ConfigMapKeyRef!, ns, configMaps, problems),
        "parameters" => TypicalShape.Of(model.Parameters!),
        _ => ArchitectureReader.Read(model.Architecture!, problems),
    };

    /// <summary>The model as this run holds it.</summary>
    private static ModelArchitecture? AsRun(ModelArchitecture? model, ModelSpec spec, List<JobProblem> problems)
    {
        if (model is null || spec is { TiedEmbeddings: null, HiddenDropout: null })
            return model;
        if (spec is { TiedEmbeddings: { } tied, Architecture.TiedEmbeddings: { } other } && tied != other)
            problems.Add(new JobProblem("model.tiedEmbeddings", "model.architecture.tiedEmbeddings says the opposite; take one of the two away"));
        return model with { TiedEmbeddings = spec.TiedEmbeddings ?? model.TiedEmbeddings, HiddenDropout = spec.HiddenDropout ?? model.HiddenDropout };
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
}
