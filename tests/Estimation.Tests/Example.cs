using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Tests;

/// <summary>Models and jobs that several tests start from.</summary>
internal static class Example
{
    public static ModelArchitecture Llama8B { get; } = Model("meta-llama/Llama-3.1-8B");

    public static ModelArchitecture Llama70B { get; } = Model("meta-llama/Llama-3.1-70B");

    /// <summary>The model of arXiv 2205.05198, table 3: 175 billion parameters, 96 layers of 12,288.</summary>
    public static ModelArchitecture Gpt175B { get; } = new()
    {
        Name = "GPT-3 175B",
        HiddenSize = 12_288,
        Layers = 96,
        AttentionHeads = 96,
        KeyValueHeads = 96,
        HeadDimension = 128,
        FeedForwardSize = 4 * 12_288,
        VocabularySize = 51_200,
        GatedFeedForward = false,
        Normalization = Normalization.LayerNorm,
        HiddenDropout = true,
        TiedEmbeddings = true,
    };

    public static ModelArchitecture Model(string name) =>
        ModelCatalogue.TryFind(name, out var model, out var problem) ? model : throw new InvalidOperationException(problem);

    public static JobSpec Job(
        ModelArchitecture model,
        TrainingFramework framework = TrainingFramework.PyTorchFSDP,
        int data = 1,
        Sharding sharding = Sharding.Full,
        long sequenceLength = 8192,
        Recompute recompute = Recompute.Full,
        int tensor = 1,
        int pipeline = 1) => new()
        {
            Model = model,
            Training = new TrainingSpec { Framework = framework, SequenceLength = sequenceLength, Recompute = recompute },
            Parallelism = new ParallelismSpec { Data = data, Sharding = sharding, Tensor = tensor, Pipeline = pipeline },
        };

    public static Bytes Size(this Estimate estimate, params TermKind[] kinds) =>
        estimate.Terms.Where(term => kinds.Contains(term.Kind)).Aggregate(Bytes.Zero, (sum, term) => sum + term.Expected);

    public static Bytes States(this Estimate estimate) =>
        estimate.Size(TermKind.Weights, TermKind.MasterWeights, TermKind.Gradients, TermKind.OptimizerStates);
}
