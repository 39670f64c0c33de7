using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuMem.Api.Workloads;

/// <summary>Pods of KServe and KAITO, whose resources hold less than a pod template.</summary>
internal static class ServingWorkloads
{
    /// <summary>A variable of LLMInferenceServices: flags behind those that KServe writes.</summary>
    private const string MoreArguments = "VLLM_ADDITIONAL_ARGS";

    /// <summary>
    /// serving.kserve.io InferenceService: the predictor is the spec of a pod, or names a model beside a container's fields; workers of a predictor on
    /// several nodes stand beside it. Its runtime has tolerations of its own (pkg/apis/serving/v1alpha1/servingruntime_types.go).
    /// </summary>
    public static IEnumerable<WorkloadPods> InferenceService(JsonElement? service)
    {
        var predictor = service.Member("spec", "predictor");
        return Templates.Spec(predictor, "predictor", 1)
            .Concat(Templates.Container(HuggingFaceServer(predictor.Member("model")), "predictor", 1, predictor))
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
    private static JsonElement? HuggingFaceServer(JsonElement? model)
    {
        if (model.Member("modelFormat").Text("name") != "huggingface" || model.Member("image") is not null || model.Text("runtime") is not (null or "kserve-huggingfaceserver"))
            return model;
        var container = JsonObject.Create(model!.Value)!;
        container["image"] = "kserve/huggingfaceserver";
        if (HuggingFaceId(model.Text("storageUri")) is { } id)
            container["args"] = new JsonArray([$"--model_id={id}", .. (container["args"] as JsonArray ?? []).Select(word => word?.DeepClone())]);
        return Element(container);
    }

    /// <summary>
    /// With the command that the well-known configurations give to the container main where it has none: vLLM on the service's model, one tensor parallel
    /// group without workers (kserve config/llmisvcconfig/config-llm-template.yaml).
    /// </summary>
    private static JsonElement? Served(JsonElement? spec, JsonElement? part, JsonElement? template)
    {
        if (template is not { ValueKind: JsonValueKind.Object } || HuggingFaceId(spec.Member("model").Text("uri")) is not { } id || part.Member("worker") is not null || spec.Member("baseRefs") is not null)
            return template;
        var pod = JsonObject.Create(template.Value)!.DeepClone().AsObject();
        if ((pod["containers"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(container => container["name"]?.ToString() == "main") is not { } main || main["command"] is not null)
            return template;
        var tensor = part.Member("parallelism").Number("tensor");
        // KServe's own script evaluates its line, so that quotes in the variable are the shell's.
        var more = (main["env"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(variable => variable["name"]?.ToString() == MoreArguments) is { } variable
            ? $" {(variable["value"] as JsonValue)?.ToString().ReplaceLineEndings(" ") ?? $"${MoreArguments}"}"
            : "";
        main["command"] = new JsonArray("sh", "-c", $"vllm serve {id}{(tensor is null ? "" : $" --tensor-parallel-size {tensor}")}{more} \"$@\"", "--");
        return Element(pod);
    }

    private static string? HuggingFaceId(string? uri) =>
        uri is not null && uri.StartsWith("hf://", StringComparison.Ordinal) && uri["hf://".Length..].Split(':')[0] is var id && id.Count(letter => letter == '/') == 1 ? id : null;

    private static JsonElement Element(JsonObject made) => JsonSerializer.SerializeToElement(made, ManifestJson.Node);

    /// <summary>kaito.sh Workspace: the template of one's own; presets have none.</summary>
    public static IEnumerable<WorkloadPods> Workspace(JsonElement? workspace) =>
        Templates.Template(workspace.Member("inference", "template"), "inference", workspace.Member("resource").Number("count") ?? 1, "inference", "template");
}
