using System.Reflection;
using GpuMem.Api.Json;
using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;
using GpuMem.Serving;
using GpuMem.Estimation.Jobs;
using GpuMem.Kubernetes;

namespace GpuMem.Api.Tests.TrainingJobs;

/// <summary>No setting of the estimator is out of a user's reach: what no manifest can change does not belong there.</summary>
public sealed class OneDoorTests
{
    private const string Everything = """
        model: {name: mistralai/Mixtral-8x7B-v0.1}
        training: {method: QLoRA, framework: Megatron, trainer: MegatronBridge, trainerVersion: "0.2", precision: FP16Mixed, dataTypes: {compute: FP16, weights: FP16, masterWeights: FP32,
          gradients: FP16, gradientCopy: FP32, moments: FP16, adapters: FP16}, optimizer: GaLore, optimizerOptions: {implementation: ForLoop, inBackward: true, projectionRank: 64},
          sequenceLength: 4096, microBatchSize: 2, globalBatchSize: 64, recompute: Selective, recomputeModules: [mlp], recomputeLayers: 3, predictionModules: 1, attention: Eager, loss: InPlace, fusedKernels: true, padding: true, outputs: Held,
          lora: {rank: 8, targetModules: [q_proj], modulesToSave: [lm_head], decomposed: true, dropout: true}, quantization: {scheme: NF4, groupSize: 32},
          offload: {parameters: Host, optimizer: NVMe, activations: true, betweenSteps: true}, referenceModel: true, movingAverage: true, expandableSegments: true, objective: PPO, valueTraining: InTurn, rewardModel: true,
          rollout: {completionLength: 1024, groupSize: 4, engine: Colocated, engineMemoryPercent: 40, engineTensor: 2, engineSleeps: true, engineWeights: FP8}}
        parallelism: {tensor: 2, pipeline: 2, context: 2, expert: 2, expertTensor: 1, firstStageLayers: 15, lastStageLayers: 17, data: 4, sharding: Optimizer, sequenceParallel: true, shardGroup: 2, fsdpVersion: 1, schedule: Interleaved,
          virtualStages: 2, contextExchange: Ulysses, expertDispatch: AllGather, expertCapacityPercent: 125, expertPadding: true}
        placement: {gpusPerNode: 4}
        """;

    private const string Served = """
        model: {name: deepseek-ai/DeepSeek-V3}
        engine: LlamaCpp
        engineVersion: "0.7"
        weights: FP16
        quantization: {scheme: AWQ4}
        cacheType: FP8
        valueCacheType: Q8
        cacheScalesPerTokenHead: true
        cacheLength: 100
        growingCache: true
        blockSize: 32
        sequences: 2
        inputLength: 100
        outputLength: 10
        logits: AllTokens
        attention: Eager
        tensor: 2
        pipeline: 2
        expert: 2
        decodeContext: 2
        stageLayers: "30,31"
        maxBatchedTokens: 100
        maxSequences: 10
        cudaGraphs: false
        memoryFraction: 0.5
        cacheMemory: 20Gi
        weightsOnHost: 1Gi
        loraSlots: 1
        loraRank: 8
        draft: {model: {name: meta-llama/Llama-3.2-1B}, tensor: 2}
        predictionModules: true
        proposedTokens: 3
        prefixCaching: true
        hybridCache: false
        textOnly: true
        expertLayersOnHost: 3
        stateSlots: 8
        stateShare: "0.5"
        stateType: FP32
        windowShare: "0.1"
        marlinExperts: true
        """;

    [Fact]
    public void Every_setting_of_training_can_be_written()
    {
        var job = TrainingJobReader.Read(Jobs.Of(Everything), NoConfigMaps.Instance, null, out var problems)!.Job;

        Assert.Empty(problems);
        Assert.Empty(Unchanged(job.Training, new TrainingSpec { SequenceLength = 1 }));
        Assert.Empty(Unchanged(job.Training.DataTypes!, new DataTypes()));
        Assert.Empty(Unchanged(job.Training.Lora!, new LoraSpec()));
        Assert.Empty(Unchanged(job.Training.Offload, new OffloadSpec()));
        Assert.Empty(Unchanged(job.Training.Rollout!, new RolloutSpec()));
        Assert.Empty(Unchanged(job.Parallelism, new ParallelismSpec()));
    }

    [Fact]
    public void Every_setting_of_serving_can_be_written()
    {
        var settings = KubernetesYaml.LoadAllFromString(Served).Single();
        var spec = InferenceReader.Read(ApiJson.Default.Deserialize<InferenceManifest>(ApiJson.Default.Serialize(new System.Text.Json.Nodes.JsonObject { ["spec"] = settings }))!.Spec!, out var problems)!;

        Assert.Empty(problems);
        Assert.Empty(Unchanged(spec, new InferenceSpec { Model = spec.Draft!.Model, InputLength = 1 }));
        Assert.Equal(2, spec.Draft.Tensor);
    }

    private static IEnumerable<string> Unchanged<T>(T given, T usual) =>
        from property in typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
        where property.SetMethod is not null && Equals(property.GetValue(given), property.GetValue(usual))
        select property.Name;
}
