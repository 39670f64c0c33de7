using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Json;
using GpuMem.Api.Nodes;
using GpuMem.Api.Nodes.Claims;
using GpuMem.Api.Tests.Workloads;
using GpuMem.Api.Workloads;
using GpuMem.Kubernetes;

namespace GpuMem.Api.Tests.Decisions;

/// <summary>What is said of a workload that nobody describes, where a cluster says nothing.</summary>
public sealed class CommandNotesTests
{
    private static readonly FixedCluster Cluster = new(Tests.Nodes.Inventory(Tests.Nodes.H100x8("h-0")), [], [], []);

    [Theory]
    [InlineData("args: [--model, Qwen/Qwen3-8B]", "looks like VLLM with tensor 1: needs ")]
    [InlineData("args: [--model, Qwen/Qwen3-8B, --flag-of-tomorrow, x]", "looks like VLLM with tensor 1; not understood, so that nothing is certain: --flag-of-tomorrow x")]
    [InlineData("args: [--model, nobody/knows-this]", "looks like VLLM with tensor 1; model.name: model 'nobody/knows-this' is not built in")]
    [InlineData("command: [sleep, infinity]", "container main starts no engine and no training whose command is read: sleep infinity")]
    [InlineData("command: [torchrun, --nproc-per-node, '1', ours.py, --lr, '1']", "looks like ours.py (ours.py by torchrun); not understood")]
    public void A_note_says_what_was_understood_or_why_nothing_was(string command, string note) =>
        Assert.StartsWith(note, Assert.Single(Notes("image: vllm/vllm-openai, " + command)), StringComparison.Ordinal);

    [Theory]
    [InlineData("image: ours", "container main says no command, and what image ours starts is not known")]
    [InlineData("image: ours, args: [--model, Qwen/Qwen3-8B]", "container main has arguments alone, and what image ours starts is not known: --model Qwen/Qwen3-8B")]
    public void An_image_of_ones_own_is_named(string container, string note) => Assert.Equal(note, Assert.Single(Notes(container)));

    /// <summary>Neither GPUs of another vendor nor claims are counted as GPUs, and both are asked for.</summary>
    [Theory]
    [InlineData("{containers: [{name: main, image: x, command: [vllm, serve, Qwen/Qwen3-8B], resources: {limits: {habana.ai/gaudi: 1}}}]}", "the memory of habana.ai/gaudi is not known")]
    [InlineData("{resourceClaims: [{name: g, resourceClaimTemplateName: one}], containers: [{name: main, image: x, command: [vllm, serve, Qwen/Qwen3-8B]}]}", "what it claims is not known: no ResourceClaimTemplate one")]
    public void Devices_of_which_nobody_knows_the_memory_are_named(string pod, string note) =>
        Assert.EndsWith(note, Assert.Single(CommandNotes.Of(Manifest.Read("apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: " + pod), "default", Cluster)), StringComparison.Ordinal);

    [Fact]
    public void What_asks_for_no_GPU_has_no_note() =>
        Assert.Empty(CommandNotes.Of(Manifest.Read("apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: " + Manifest.PodSpec(0)), "default", Cluster));

    /// <summary>Which GPU a claim takes its template says, in the namespace of the workload.</summary>
    [Theory]
    [InlineData("team", true)]
    [InlineData("others", false)]
    public void A_server_on_claimed_GPUs_is_warned_of_as_one_on_counted_ones(string ns, bool isWarned)
    {
        var template = new V1ResourceClaimTemplate
        {
            Metadata = new V1ObjectMeta { Name = "one", NamespaceProperty = "team" },
            Spec = new V1ResourceClaimTemplateSpec
            {
                Spec = new V1ResourceClaimSpec { Devices = new V1DeviceClaim { Requests = [new V1DeviceRequest { Name = "gpu", Exactly = new V1ExactDeviceRequest { DeviceClassName = "gpu.nvidia.com", Count = 1 } }] } },
            },
        };
        var file = File.ReadAllText(Path.Combine(Capacity.NodeDumpTests.Folder, $"{Capacity.ResourceSliceDumpTests.Files[0]}.yaml"));
        var slices = KubernetesYaml.LoadAllFromString(file).Select(slice => ManifestObject.As<V1ResourceSlice>(slice.AsObject())).ToList();
        var cluster = new FixedCluster(InventoryBuilder.Build([], slices, [], new DeviceClaims([], [template], [])), [], [], []);
        var workload = Manifest.Read(Manifest.Of("apps/v1", "Deployment",
            "{template: {spec: {resourceClaims: [{name: g, resourceClaimTemplateName: one}], containers: [{name: v, image: vllm/vllm-openai, args: [--model, meta-llama/Llama-3.1-70B-Instruct]}]}}}"));

        Assert.Equal(isWarned, WorkloadReview.Validate(workload, ns, cluster).Warnings.Count > 0);
    }

    private static IReadOnlyList<string> Notes(string container) => CommandNotes.Of(
        Manifest.Read(Manifest.Of("apps/v1", "Deployment", "{template: {spec: {containers: [{name: main, " + container + ", resources: {limits: {nvidia.com/gpu: 1}}}]}}}")), "default", Cluster);
}
