using System.Text.Json.Nodes;
using GpuMem.Kubernetes;

namespace GpuMem.Cli.Tests;

/// <summary>Manifests are written by hand: whatever stands where something else should is answered in words.</summary>
public sealed class ScrambledManifestTests : IDisposable
{
    private const int OfEach = 40;

    private static readonly string[] Replacements = ["\"x\"", "7", "[]", "{}", "[\"x\"]", "{\"x\":7}", "true"];

    private readonly Folder _folder = new();

    /// <summary>What completes others, or is read out of a flag.</summary>
    private const string Companions = """
        apiVersion: serving.kserve.io/v1alpha1
        kind: LLMInferenceService
        metadata: {name: a}
        spec: {baseRefs: [{name: b}], model: {uri: "hf://meta-llama/Llama-3.1-8B"}}
        ---
        apiVersion: serving.kserve.io/v1alpha1
        kind: LLMInferenceServiceConfig
        metadata: {name: b}
        spec: {template: {containers: [{name: main, resources: {limits: {nvidia.com/gpu: 1}}}]}}
        ---
        apiVersion: inference.llmaz.io/v1alpha1
        kind: Playground
        metadata: {name: c}
        spec: {modelClaim: {modelName: d}}
        ---
        apiVersion: llmaz.io/v1alpha1
        kind: OpenModel
        metadata: {name: d}
        spec: {source: {modelHub: {modelID: meta-llama/Llama-3.1-8B}}, inferenceConfig: {flavors: [{name: l4, limits: {nvidia.com/gpu: 1}}]}}
        ---
        apiVersion: resource.nvidia.com/v1beta1
        kind: ComputeDomain
        metadata: {name: e}
        spec: {channel: {resourceClaimTemplate: {name: f}}}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: g}
        data: {train.sh: "torchrun --nproc_per_node $((2 * 4)) train.py --model_name_or_path meta-llama/Llama-3.1-8B"}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: h}
        spec:
          volumes: [{name: scripts, configMap: {name: g}}]
          containers:
          - {name: trainer, command: [bash, /scripts/train.sh], volumeMounts: [{name: scripts, mountPath: /scripts}], resources: {limits: {nvidia.com/gpu: 8}}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: i}
        """;

    private static readonly string[] Folders = [Path.Combine("tests", "Cli.Tests", "Cases"), Path.Combine("config", "samples", "workloads"), Path.Combine("config", "samples", "servers"), Path.Combine("config", "samples", "jobs")];

    public static TheoryData<string> Files =>
    [
        .. Folders.SelectMany(folder => Directory.GetFiles(Path.Combine(RepositoryRoot.Path, folder), "*.yaml")).Select(file => Path.GetRelativePath(RepositoryRoot.Path, file)).Order(StringComparer.Ordinal),
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_value_of_another_shape_ends_in_no_stack_trace(string name) =>
        await ScrambleAsync(await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, name), TestContext.Current.CancellationToken), OfEach);

    [Fact]
    public Task Nor_does_one_in_what_completes_others() => ScrambleAsync(Companions, 10 * OfEach);

    [Theory]
    [InlineData("x")]
    [InlineData("""{"kv_connector":"MultiConnector","kv_connector_extra_config":"x"}""")]
    [InlineData("""{"kv_connector":"MultiConnector","kv_connector_extra_config":{"connectors":7}}""")]
    [InlineData("""{"kv_connector":["MultiConnector"]}""")]
    public async Task Nor_does_a_flag_whose_value_has_another_shape(string transfer)
    {
        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = "a" },
            ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "b", ["command"] = new JsonArray("vllm", "serve", "meta-llama/Llama-3.1-8B", "--kv-transfer-config", transfer) }) },
        };
        Assert.Contains("--kv-transfer-config", (await Run.Of("explain", "-f", _folder.Write("a.yaml", pod.ToJsonString()))).Output, StringComparison.Ordinal);
    }

    private async Task ScrambleAsync(string text, int times)
    {
#pragma warning disable CA5394 // Not a secret: the same every time.
        var random = new Random(20261130);
        for (var i = 0; i < times; i++)
        {
            var documents = new JsonArray([.. KubernetesYaml.LoadAllFromString(text)]);
            var places = Places(documents).Where(place => place.Parent != null).ToList();
            var (parent, key) = places[random.Next(places.Count)];
            var value = JsonNode.Parse(Replacements[random.Next(Replacements.Length)]);
#pragma warning restore CA5394
            if (parent is JsonArray list)
                list[(int)key] = value;
            else
                parent![(string)key] = value;
            var file = _folder.Write($"{i}.yaml", string.Join("\n---\n", documents.Select(document => document!.ToJsonString())));
            foreach (var command in new[] { "admit", "explain", "pools" })
            {
                var run = await Run.Of(command, "-f", file);
                Assert.InRange(run.Status, 0, 3);
                Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>Each value, by what holds it.</summary>
    private static IEnumerable<(JsonNode? Parent, object Key)> Places(JsonNode? node) => node switch
    {
        JsonObject members => members.ToList().SelectMany(member => Places(member.Value).Prepend((node, member.Key))),
        JsonArray items => items.ToList().SelectMany((item, at) => Places(item).Prepend((node, at))),
        _ => [],
    };
}
