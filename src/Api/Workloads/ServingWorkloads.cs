using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Commands;

namespace GpuMem.Api.Workloads;

/// <summary>Pods of KServe, whose resources hold less than a pod template.</summary>
internal static class ServingWorkloads
{
    /// <summary>A variable of LLMInferenceServices: flags behind those that KServe writes.</summary>
    private const string MoreArguments = "VLLM_ADDITIONAL_ARGS";

    /// <summary>What an LLMInferenceService says of parallelism, and vLLM's flags for it; all but the first only where it has workers.</summary>
    private static readonly (string Field, string Flag)[] ParallelSizes = [("tensor", "--tensor-parallel-size"), ("data", "--data-parallel-size"), ("dataLocal", "--data-parallel-size-local")];

    /// <summary>Where the format of a model stood before modelFormat, and still may (pkg/apis/serving/v1beta1/predictor.go).</summary>
    private static readonly string[] Formats = ["sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "huggingface", "pmml", "lightgbm", "paddle"];

    /// <summary>
    /// serving.kserve.io InferenceService: the predictor is the spec of a pod, or names a model beside a container's fields; workers of a predictor on
    /// several nodes stand beside it. Its runtime has tolerations of its own (pkg/apis/serving/v1alpha1/servingruntime_types.go).
    /// </summary>
    public static IEnumerable<WorkloadPods> InferenceService(JsonElement? service)
    {
        var predictor = service.Member("spec", "predictor");
        return Templates.Spec(predictor, "predictor", 1)
            .Concat(Templates.Container(HuggingFaceServer(predictor.Member("model"), predictor.Member("model", "modelFormat").Text("name")), "predictor", 1, predictor))
            .Concat(Formats.SelectMany(format => Templates.Container(HuggingFaceServer(predictor.Member(format), format), "predictor", 1, predictor)))
            .Concat(Templates.Spec(predictor.Member("workerSpec"), "worker", null))
            .Select(pods => pods.ToleratingMore());
    }

    /// <summary>
    /// serving.kserve.io LLMInferenceService: specs of pods for decoding, for prefill, and for the workers of each, over those of the configurations that
    /// baseRefs names.
    /// </summary>
    public static IEnumerable<WorkloadPods> LlmInferenceService(JsonElement? service)
    {
        var spec = service.Member("spec");
        return Templates.Spec(Served(spec, spec, spec.Member("template")), "decode", 1)
            .Concat(Templates.Spec(spec.Member("worker"), "worker", null))
            .Concat(Templates.Spec(Served(spec, spec.Member("prefill"), spec.Member("prefill", "template")), "prefill", 1))
            .Concat(Templates.Spec(spec.Member("prefill", "worker"), "prefill worker", null))
            .Select(pods => pods.ToleratingMore());
    }

    /// <summary>
    /// What the model's container runs where the service names no runtime: KServe's own server for the format huggingface, which takes the model from
    /// hf:// as a folder (kserve config/runtimes/kserve-huggingfaceserver.yaml).
    /// </summary>
    private static JsonElement? HuggingFaceServer(JsonElement? model, string? format)
    {
        if (model is not { ValueKind: JsonValueKind.Object } || format != "huggingface" || model.Member("image") is not null || model.Text("runtime") is not (null or "kserve-huggingfaceserver"))
            return model;
        var container = JsonObject.Create(model.Value)!;
        container["image"] = "kserve/huggingfaceserver";
        List<JsonNode?> told = [.. (container["args"] as JsonArray ?? []).Select(word => word?.DeepClone())];
        // What lies in a bucket or on a volume is mounted in a folder whose name says nothing; that of the place may.
        if ((HuggingFaceId(model.Text("storageUri")) ?? model.Text("storageUri")) is { } stored && !told.Exists(word => $"{word}".StartsWith("--model_id", StringComparison.Ordinal)))
            container["args"] = new JsonArray([$"--model_id={stored}", .. told.Where(word => !$"{word}".StartsWith("--model_dir", StringComparison.Ordinal))]);
        return Element(container);
    }

    /// <summary>
    /// With the command that the well-known configurations give to the container main where it has none: vLLM on the service's model, one tensor parallel
    /// group without workers, or data parallel ranks with them (kserve config/llmisvcconfig: config-llm-template.yaml, config-llm-worker-data-parallel.yaml).
    /// </summary>
    private static JsonElement? Served(JsonElement? spec, JsonElement? part, JsonElement? template)
    {
        if (template is not { ValueKind: JsonValueKind.Object } || Source(spec.Member("model")) is not { } id || spec.Member("baseRefs") is not null)
            return template;
        var pod = JsonObject.Create(template.Value)!.DeepClone().AsObject();
        if ((pod["containers"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(container => container["name"]?.ToString() == "main") is not { } main || main["command"] is not null)
            return template;
        var (parallelism, hasWorkers) = (part.Member("parallelism"), part.Member("worker") is not null);
        if (hasWorkers && parallelism.Number("data") is null)
            return template;
        var flags = ParallelSizes.Take(hasWorkers ? ParallelSizes.Length : 1)
            .Where(size => parallelism.Number(size.Field) is not null)
            .Select(size => $" {size.Flag} {parallelism.Number(size.Field)}")
            .Concat(hasWorkers && parallelism.Member("expert") is { ValueKind: JsonValueKind.True } ? [" --enable-expert-parallel"] : []);
        // KServe's own script evaluates its line, so that quotes in the variable are the shell's.
        var more = (main["env"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(variable => variable["name"]?.ToString() == MoreArguments) is { } variable
            ? $" {(variable["value"] as JsonValue)?.ToString().ReplaceLineEndings(" ") ?? $"${MoreArguments}"}"
            : "";
        main["command"] = new JsonArray("sh", "-c", $"vllm serve {id}{string.Concat(flags)}{more} \"$@\"", "--");
        return Element(pod);
    }

    /// <summary>The model by its id on the hub; else where it lies, if that is called after it, or if the name is that it is served by there.</summary>
    private static string? Source(JsonElement? model) => HuggingFaceId(model.Text("uri"))
        ?? (model.Text("uri") is { } uri ? Array.Find([uri, $"{uri.TrimEnd('/')}/{model.Text("name")}"], place => ModelPath.Of(place) is not null) : null);

    private static string? HuggingFaceId(string? uri) =>
        uri is not null && uri.StartsWith("hf://", StringComparison.Ordinal) && uri["hf://".Length..].Split(':')[0] is var id && id.Count(letter => letter == '/') == 1 ? id : null;

    private static JsonElement Element(JsonObject made) => JsonSerializer.SerializeToElement(made, ManifestJson.Node);
}
