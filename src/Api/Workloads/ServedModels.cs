using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Nodes;

namespace GpuMem.Api.Workloads;

/// <summary>Pods of resources that say which model is served, and leave the command to their operator.</summary>
internal static class ServedModels
{
    /// <summary>What of a VLLMRuntime becomes a flag of vLLM with a value: the part of its spec, the field and the flag (operator/internal/controller/vllmruntime_controller.go).</summary>
    private static readonly (string Part, string Field, string Flag)[] RuntimeFlags =
    [
        ("model", "maxModelLen", "--max-model-len"), ("model", "dtype", "--dtype"), ("model", "maxNumSeqs", "--max-num-seqs"),
        ("vllmConfig", "tensorParallelSize", "--tensor-parallel-size"), ("vllmConfig", "gpuMemoryUtilization", "--gpu-memory-utilization"), ("vllmConfig", "maxLoras", "--max-loras"),
    ];

    /// <summary>production-stack.vllm.ai VLLMRuntime: vLLM with the flags that its operator writes.</summary>
    public static IEnumerable<WorkloadPods> VllmRuntime(JsonElement? runtime)
    {
        var spec = runtime.Member("spec");
        if (spec.Member("model").Text("modelURL") is not { } model)
            return [];
        List<string> words = ["vllm", "serve", model];
        if (spec.Member("model", "enableLoRA") is { ValueKind: JsonValueKind.True })
            words.Add("--enable-lora");
        foreach (var (part, field, flag) in RuntimeFlags)
            if (spec.Member(part).Member(field) is { ValueKind: JsonValueKind.Number or JsonValueKind.String } value && value.ToString() is not ("" or "0") and var text)
                words.AddRange([flag, text]);
        words.AddRange(Texts(spec.Member("vllmConfig", "extraArgs")));
        var (asked, image) = (spec.Member("deploymentConfig", "resources"), spec.Member("deploymentConfig", "image"));
        var container = Container(words, asked.Text("gpuType") is { Length: > 0 } resource ? resource : GpuResources.Nvidia, asked.Number("gpu"));
        if (image.Text("name") is { } name)
            container["image"] = image.Text("registry") is { Length: > 0 } registry ? $"{registry}/{name}" : name;
        if (spec.Member("vllmConfig", "env") is { ValueKind: JsonValueKind.Array } env)
            container["env"] = JsonArray.Create(env)!.DeepClone();
        var pod = new JsonObject { ["containers"] = new JsonArray(container) };
        if (spec.Member("deploymentConfig", "nodeSelectorTerms") is { ValueKind: JsonValueKind.Array } terms)
            pod["affinity"] = new JsonObject { ["nodeAffinity"] = new JsonObject { ["requiredDuringSchedulingIgnoredDuringExecution"] = new JsonObject { ["nodeSelectorTerms"] = JsonArray.Create(terms)!.DeepClone() } } };
        return Templates.Spec(Element(pod), "", 1).Select(pods => pods.ToleratingMore());
    }

    /// <summary>
    /// kubeai.org Model on vLLM: which GPUs its resource profile stands for only the operator's configuration says, as many of them as it has behind the colon
    /// (kubeai internal/modelcontroller/engine_vllm.go; charts/kubeai/values.yaml, resourceProfiles).
    /// </summary>
    public static IEnumerable<WorkloadPods> KubeAiModel(JsonElement? model)
    {
        var spec = model.Member("spec");
        if (spec.Text("engine") != "VLLM" || spec.Text("url") is not { } url || spec.Text("resourceProfile")?.Split(':') is not [var profile, .. var times])
            return [];
        var resource = profile.StartsWith("nvidia-gpu-", StringComparison.Ordinal) ? GpuResources.Nvidia : profile.StartsWith("amd-gpu-", StringComparison.Ordinal) ? GpuResources.Amd : null;
        if (resource is null || !long.TryParse(times is [var written] ? written : "1", NumberStyles.None, CultureInfo.InvariantCulture, out var gpus))
            return [];
        var source = url.StartsWith("hf://", StringComparison.Ordinal) ? url["hf://".Length..] : url;
        var container = Container(["python3", "-m", "vllm.entrypoints.openai.api_server", $"--model={source}", .. Texts(spec.Member("args"))], resource, gpus);
        if (spec.Text("image") is { } image)
            container["image"] = image;
        return Templates.Container(Element(container), "", 1).Select(pods => pods.ToleratingMore());
    }

    private static JsonObject Container(IEnumerable<string> words, string resource, long? gpus)
    {
        var container = new JsonObject { ["name"] = "vllm", ["command"] = new JsonArray([.. words.Select(word => (JsonNode)word)]) };
        if (gpus is > 0 and var count)
            container["resources"] = new JsonObject { ["limits"] = new JsonObject { [resource] = count.ToString(CultureInfo.InvariantCulture) } };
        return container;
    }

    private static IEnumerable<string> Texts(JsonElement? list) =>
        list is { ValueKind: JsonValueKind.Array } words ? words.EnumerateArray().Where(word => word.ValueKind == JsonValueKind.String).Select(word => word.GetString()!) : [];

    private static JsonElement Element(JsonObject made) => JsonSerializer.SerializeToElement(made, ManifestJson.Node);
}
