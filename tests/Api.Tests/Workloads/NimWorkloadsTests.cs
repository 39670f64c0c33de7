using GpuMem.Api.Commands;
using GpuMem.Api.Pods;
using GpuMem.Api.Workloads;

namespace GpuMem.Api.Tests.Workloads;

/// <summary>What the NIM operator makes, composed in the shapes of its samples.</summary>
public sealed class NimWorkloadsTests
{
    private const string Service = """
        apiVersion: apps.nvidia.com/v1alpha1
        kind: NIMService
        metadata: {name: ours, namespace: team}
        spec:
          image: {repository: nvcr.io/nim/nvidia/llm-nim, tag: "1.12"}
          storage: {nimCache: {name: cache, profile: tensorrt_llm}}
          resources: {limits: {nvidia.com/gpu: 1}}
          env: ENV
        """;

    [Fact]
    public void The_services_of_a_pipeline_that_are_enabled_have_pods_of_their_own()
    {
        const string Pipeline = """
            {services: [
              {name: small, enabled: true, spec: {image: {repository: nvcr.io/nim/meta/llama-3.1-8b-instruct, tag: 1.8.0}, resources: {limits: {nvidia.com/gpu: 1}}}},
              {name: large, enabled: true, spec: {image: {repository: nvcr.io/nim/meta/llama-3.1-70b-instruct, tag: 1.8.0}, resources: {limits: {nvidia.com/gpu: 4}}}},
              {name: off, enabled: false, spec: {image: {repository: nvcr.io/nim/meta/llama-3.1-8b-instruct, tag: 1.8.0}, resources: {limits: {nvidia.com/gpu: 1}}}}]}
            """;
        var workload = Manifest.Read(Manifest.Of("apps.nvidia.com/v1alpha1", "NIMPipeline", Pipeline.ReplaceLineEndings(" ")));

        Assert.True(workload.AreCopies);
        Assert.Equal([("small", 1L), ("large", 4L)], workload.Pods.Select(pods => (pods.Role, PodGpus.Of(pods.Pod.Spec).Count)));
        Assert.Equal("meta/llama-3.1-70b-instruct", Assert.Single(EngineCommandReader.Read(workload.Pods[1].Spec()!, [])).Settings.Model?.Name);
    }

    [Theory]
    [InlineData("[]", "team", "meta-llama/Llama-3.2-1B-Instruct")]
    [InlineData("[{name: NIM_MODEL_NAME, value: hf://Qwen/Qwen3-8B}]", "team", "Qwen/Qwen3-8B")]
    [InlineData("[]", "others", null)]
    public void An_image_for_any_model_serves_the_one_of_its_cache(string environment, string ns, string? model)
    {
        var cache = Manifest.Json("apiVersion: apps.nvidia.com/v1alpha1\nkind: NIMCache\nmetadata: {name: cache, namespace: " + ns + "}\nspec: {source: {hf: {namespace: meta-llama, modelName: Llama-3.2-1B-Instruct}}}");
        var service = Manifest.Json(Service.Replace("ENV", environment, StringComparison.Ordinal));

        Assert.True(Companions.IsOne(cache) && Companions.MayComplete(service));
        var pods = Assert.Single(Companions.Read(service, [cache])!.Pods);
        Assert.Equal(model, EngineCommandReader.Read(pods.Spec()!, []).SingleOrDefault()?.Settings.Model?.Name);
    }
}
