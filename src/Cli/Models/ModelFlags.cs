using System.CommandLine;
using System.Text.Json.Nodes;
using System.Text.Json;
using System.Text;
using GpuMem.Api.Json;
using GpuMem.Api.TrainingJobs;
using GpuMem.Catalogues.Models;
using GpuMem.Cli.Estimates;
using GpuMem.Estimation.Models;

namespace GpuMem.Cli.Models;

/// <summary>A model on the command line, in the ways in which a TrainingJob's <c>spec.model</c> gives it.</summary>
internal sealed class ModelFlags
{
    private readonly Option<string?> _model = Flag.Text("--model", "model in the built-in catalogue, e.g. meta-llama/Llama-3.1-8B, or the path of a config.json", "-m");
    private readonly Option<string?> _config = Flag.Text("--config", "a Hugging Face config.json");
    private readonly Option<string?> _parameters = Flag.Text("--parameters", "rough size instead of a model, e.g. 7B");
    private readonly Option<string?> _architecture = Flag.Text("--architecture", "dimensions instead of a model, in YAML as spec.model.architecture: '{hiddenSize: 4096, layers: 32, …}'");
    private readonly FlagsOf<ModelSpec> _run = new();

    public ModelFlags()
    {
        _run.Add(
            Flag.YesOrNo("--tied-embeddings", "embedding and output matrix are one tensor in this run (default: as the model says)"),
            (model, tied) => model.TiedEmbeddings = tied);
        _run.Add(
            Flag.YesOrNo("--hidden-dropout", "attention and feed-forward have dropout in this run (default: as the model says)"),
            (model, dropout) => model.HiddenDropout = dropout);
    }

    public void AddTo(Command command)
    {
        foreach (var option in new[] { _model, _config, _parameters, _architecture })
            command.Add(option);
        _run.AddTo(command);
    }

    public IEnumerable<FieldFlag> Fields() =>
    [
        FieldFlag.Of("name", _model), FieldFlag.Of("config", _config), FieldFlag.Of("config", _model, " with a file"), FieldFlag.Of("parameters", _parameters),
        FieldFlag.Of("architecture", _architecture), .. _run.Fields(),
    ];

    public string? FirstGiven(ParseResult result) =>
        Array.Find([_model, _config, _parameters, _architecture], option => result.GetResult(option) is { Implicit: false })?.Name ?? _run.FirstGiven(result);

    /// <param name="fromFile">What a manifest says; flags go over it.</param>
    /// <param name="ways">How a model can be given, for when none is.</param>
    /// <exception cref="UserErrorException">No model is given or several are, or a file is no config.json.</exception>
    public ModelSpec Read(ParseResult result, ModelSpec? fromFile, string ways = "--model NAME, --config FILE, --parameters SIZE, --architecture DIMENSIONS or -f FILE")
    {
        var model = Given(result) ?? fromFile ?? throw new UserErrorException($"which model? Give {ways}");
        _run.Apply(result, model);
        return model;
    }

    private ModelSpec? Given(ParseResult result)
    {
        var (name, config, parameters, architecture) = (result.GetValue(_model), result.GetValue(_config), result.GetValue(_parameters), result.GetValue(_architecture));
        if (new[] { name, config, parameters, architecture }.Count(value => value is not null) > 1)
            throw new UserErrorException("give one of --model, --config, --parameters and --architecture, not several");
        if (name is not null)
            return Named(name);
        if (parameters is not null)
            return new ModelSpec { Parameters = parameters };
        if (architecture is not null)
            return new ModelSpec { Architecture = Architecture(architecture) };
        return config is null ? null : new ModelSpec { Config = Config(config) };
    }

    /// <summary>A name in the catalogue, or the path of a config.json.</summary>
    /// <exception cref="UserErrorException">The file is none.</exception>
    public static ModelSpec Named(string name) =>
        File.Exists(name) || name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? new ModelSpec { Config = Config(name) } : new ModelSpec { Name = name };

    private static JsonObject Config(string file)
    {
        if (!File.Exists(file))
            throw new UserErrorException($"{file}: no such file");

        // Asked before it is read, so that the wrong file is refused whatever its size.
        if (new FileInfo(file).Length is var length && length > HuggingFaceConfig.MaxBytes)
            throw new UserErrorException($"{file} has {length} bytes; a config.json has at most {HuggingFaceConfig.MaxBytes} (1 MiB)");
        var bytes = File.ReadAllBytes(file);
        try
        {
            // Parsed once as it is, so that its own problems are told in its own terms, before it becomes part of a spec.
            HuggingFaceConfig.Parse(bytes, file);
        }
        catch (ModelFormatException error)
        {
            throw new UserErrorException(error.Message);
        }
        // A string, because the parser of bytes stumbles over the mark that some editors begin a file with.
        return JsonNode.Parse(Encoding.UTF8.GetString(PythonNumbers.AsNull(bytes).Span).TrimStart('\uFEFF'))!.AsObject();
    }

    private static ArchitectureSpec Architecture(string yaml)
    {
        try
        {
            return KubernetesYaml.LoadAllFromString(yaml) is [JsonObject dimensions]
                ? Manifests.Whole<ArchitectureSpec>(dimensions, "--architecture")
                : throw new UserErrorException("--architecture: give fields and values in braces, as in '{hiddenSize: 4096, layers: 32, attentionHeads: 32, feedForwardSize: 11008, vocabularySize: 32000}'");
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            throw new UserErrorException($"--architecture: {(error is JsonException json ? JsonProblem.Describe(json) : error.Message)}");
        }
    }
}
