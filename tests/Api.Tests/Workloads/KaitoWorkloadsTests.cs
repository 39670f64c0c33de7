using GpuMem.Api.Commands;
using GpuMem.Api.Pods;
using GpuMem.Api.Workloads;

namespace GpuMem.Api.Tests.Workloads;

/// <summary>KAITO's presets, which name a model and leave all else to the controller; composed in the shapes of its examples.</summary>
public sealed class KaitoWorkloadsTests
{
    [Theory]
    [InlineData("llama-3.1-8b-instruct", "llama-3.1-8b-instruct")]
    [InlineData("mistral-7b-instruct", "mistralai/Mistral-7B-Instruct-v0.3")]
    [InlineData("Qwen/Qwen3-8B", "Qwen/Qwen3-8B")]
    public void A_preset_is_served_by_vLLM_on_the_GPUs_of_its_instance(string preset, string model)
    {
        var pods = Assert.Single(Manifest.Read(Workspace("{instanceType: Standard_NC96ads_A100_v4}", "inference: {preset: {name: " + preset + "}}")).Pods);
        Assert.Equal((new PodGpus("nvidia.com/gpu", 4), "Standard_NC96ads_A100_v4"), (PodGpus.Of(pods.Pod.Spec), pods.Pod.Spec.NodeSelector["node.kubernetes.io/instance-type"]));

        var command = Assert.Single(EngineCommandReader.Read(pods.Spec()!, []));
        Assert.Equal((model, 4, null), (command.Settings.Model?.Name, command.Settings.Tensor, command.Settings.ContextLength));
    }

    /// <summary>It counts the nodes itself, so that what is too much for one is no more than at risk.</summary>
    [Fact]
    public void Nothing_is_certain_of_it()
    {
        var pods = Assert.Single(Manifest.Read(Workspace("{instanceType: Standard_NC24ads_A100_v4}", "inference: {preset: {name: deepseek-v3-0324}}")).Pods);

        Assert.Equal(["--pipeline-parallel-size $KAITO_NODES"], Assert.Single(EngineCommandReader.Read(pods.Spec()!, [])).NotUnderstood);
        Assert.Null(pods.Count);
    }

    [Theory]
    [InlineData("{partition: {mode: mig, profile: 2g.24gb}}", "nvidia.com/mig-2g.24gb", 1)]
    [InlineData("{partition: {mode: accelerator, count: 2}}", "nvidia.com/gpu", 2)]
    [InlineData("{instanceType: p5.48xlarge}", "nvidia.com/gpu", 8)]
    public void A_part_of_a_node_is_what_is_asked_for(string resource, string device, long count)
    {
        var set = Manifest.Read(Manifest.Of("kaito.sh/v1beta1", "InferenceSet", "{replicas: 2, template: {inference: {preset: {name: phi-4-mini-instruct}}, resource: " + resource + "}}"));

        Assert.Equal((true, new PodGpus(device, count)), (set.AreCopies, PodGpus.Of(Assert.Single(set.Pods).Pod.Spec)));
    }

    [Fact]
    public void A_fine_tuning_has_GPUs_and_no_command_that_is_known()
    {
        var pods = Assert.Single(Manifest.Read(Workspace("{instanceType: Standard_NC24ads_A100_v4}", "tuning: {preset: {name: phi-3-mini-128k-instruct}, method: qlora}")).Pods);

        Assert.Equal(("tuning", 1L), (pods.Role, PodGpus.Of(pods.Pod.Spec).Count));
        Assert.Empty(EngineCommandReader.Read(pods.Spec()!, []));
    }

    /// <summary>Only the nodes say it.</summary>
    [Theory]
    [InlineData("{labelSelector: {matchLabels: {apps: ours}}}")]
    [InlineData("{instanceType: Standard_Of_Tomorrow}")]
    public void Without_a_known_instance_the_GPUs_are_left_open(string resource) =>
        Assert.Equal(0, PodGpus.Of(Assert.Single(Manifest.Read(Workspace(resource, "inference: {preset: {name: phi-4}}")).Pods).Pod.Spec).Count);

    private static string Workspace(string resource, string more) => $"apiVersion: kaito.sh/v1beta1\nkind: Workspace\nmetadata: {{name: ours}}\nresource: {resource}\n{more}";
}
