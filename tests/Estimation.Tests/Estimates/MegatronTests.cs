using GpuMem.Estimation.Activations;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Tests.Estimates;

/// <summary>One worked example for each layout of Megatron-LM: allocated bytes of a rank, added up by hand from what its code keeps.</summary>
public sealed class MegatronTests
{
    private const long Workspaces = 64L << 20;

    // Llama 3.1 8B: h 4096, 32 layers, q 4096, kv 1024, f 14,336, V 128,256 = 1002 · 128.
    private const long Hidden = 4096;
    private const long KeyValue = 1024;
    private const long Feed = 14_336;
    private const long Vocabulary = 128_256;
    private const long Layer = (2 * Hidden * Hidden) + (2 * Hidden * KeyValue) + (3 * Hidden * Feed) + (2 * Hidden);
    private const long Table = Vocabulary * Hidden;

    [Theory]
    [InlineData(LossKernel.InPlace)]
    [InlineData(LossKernel.Full)]
    public void One_GPU_holds_everything(LossKernel loss)
    {
        const long tokens = 8192;
        const long parameters = (32 * Layer) + (2 * Table) + Hidden;

        // Two norms 4 h each, queries and what attention returns 2 q each, keys and values 2 kv each, gate, up and product 2 f each, statistics 4 B a head.
        const long saved = 32 * tokens * ((8 * Hidden) + (4 * Hidden) + (4 * KeyValue) + (6 * Feed) + (4 * 32));

        // The last norm and the head keep 2 h each. Fused, logits become their gradient, beside that of the head's input; else fp32 ones and their cast lead.
        var logits = (4 * Hidden * tokens) + (loss == LossKernel.InPlace ? (2 * tokens * Vocabulary) + (2 * Hidden * tokens) : 6 * tokens * Vocabulary);
        const long placeholders = 2 * (((Hidden + (2 * KeyValue)) * Hidden) + (Hidden * Hidden) + (3 * Feed * Hidden) + Table);
        Assert.Equal((18 * parameters) + saved + logits + placeholders + Workspaces, Allocated(Dense(loss), stage: null));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Tensor_and_pipeline_parallel_stages(int stage)
    {
        // Four ranks a stage: each 1024 queries, 256 keys, 3584 wide, 32,128 rows (128,512 = 251 · 4 · 128 of a vocabulary filled up), norms whole.
        const long tokens = 8192;
        const long rows = 32_128;
        const long layer = (2 * Hidden * 1024) + (2 * Hidden * 256) + (3 * Hidden * 3584) + (2 * Hidden);
        var parameters = (16 * layer) + (rows * Hidden) + (stage == 1 ? Hidden : 0);
        const long saved = 16 * tokens * ((8 * Hidden / 4) + (4 * 1024) + (4 * 256) + (6 * 3584) + (4 * 8));
        var shapes = 2 * ((1536 * Hidden) + (Hidden * 1024) + (3 * 3584 * Hidden) + (stage == 1 ? rows * Hidden : 0));

        // The first stage has two micro-batches in flight and peaks in backward: 4 f T / t and 2 h T. The last peaks at its head: logits, what norm and
        // head keep, the gradient of the head's input whole and as its part, and the input that was gathered for it.
        const long stream = 2 * Hidden * tokens;
        var peak = stage == 0
            ? (2 * saved) + (4 * 3584 * tokens) + stream
            : saved + (2 * tokens * rows) + (2 * stream / 4) + stream + (stream / 4) + stream;
        var job = Dense(LossKernel.InPlace) with
        {
            Parallelism = new ParallelismSpec { Tensor = 4, SequenceParallel = true, Pipeline = 2, Sharding = Sharding.Optimizer },
        };
        Assert.Equal((18 * parameters) + peak + shapes + (stream / 4) + Workspaces, Allocated(job, stage));
    }

    [Fact]
    public void Context_parallel_ranks_that_exchange_heads_keep_what_attention_returns_twice()
    {
        var ring = Dense(LossKernel.InPlace) with { Parallelism = new ParallelismSpec { Context = 2, Sharding = Sharding.Optimizer } };
        var heads = ring with { Parallelism = ring.Parallelism with { ContextExchange = ContextExchange.Ulysses } };
        Assert.Equal(32 * 4096 * 2 * Hidden, Allocated(heads, stage: null) - Allocated(ring, stage: null));
    }

    [Theory]
    [InlineData("mistralai/Mixtral-8x7B-v0.1", 4096, 32, 4096, 1024, 14_336, 8, 2, 32_000)]
    [InlineData("Qwen/Qwen3-30B-A3B", 2048, 48, 4096, 512, 768, 128, 8, 151_936)]
    public void Experts_save_their_inputs_once_and_hold_tokens_between_ranks(
        string name, long hidden, long layers, long query, long keyValue, long width, long experts, long active, long vocabulary)
    {
        // Eight expert-parallel ranks in each of two stages, every expert padded to its share; two micro-batches are in flight on the first.
        const long tokens = 4096;
        var here = layers / 2;
        var norms = name.StartsWith("Qwen", StringComparison.Ordinal) ? 2 * 128 : 0;
        var attention = (2 * hidden * query) + (2 * hidden * keyValue) + (2 * hidden) + norms;
        var dense = (here * (attention + (experts * hidden))) + (vocabulary * hidden);
        var own = here * experts / 8 * 3 * width * hidden;
        var normInputs = norms > 0 ? 2 * (query + keyValue) : 0;
        var saved = here * tokens * ((8 * hidden) + (4 * query) + (4 * keyValue) + normInputs + (4 * 32) + (8 * experts) + (active * ((2 * hidden) + (6 * width))));
        var shapes = 2 * (((query + (2 * keyValue)) * hidden) + (hidden * query) + (3 * width * hidden));

        // Wide experts peak in backward at their activation function, narrow ones in forward, when tokens sent, received, computed and sent back are all there.
        var rows = 2 * hidden * active * tokens;
        var working = Math.Max((2 * hidden * tokens) + (4 * width * active * tokens), 4 * rows);

        // States of what is dense are divided over eight replicas; of its experts a rank has the only copy.
        var states = (6 * dense) + (12 * dense / 8) + (18 * own);
        var job = Dense(LossKernel.InPlace) with
        {
            Model = Example.Model(name),
            Parallelism = new ParallelismSpec { Data = 8, Expert = 8, Pipeline = 2, Sharding = Sharding.Optimizer, ExpertCapacityPercent = 100, ExpertPadding = true },
        };
        job = job with { Training = job.Training with { SequenceLength = tokens } };
        Assert.Equal(states + (2 * saved) + working + shapes + (2 * hidden * tokens) + Workspaces, Allocated(job, stage: 0));
    }

    [Fact]
    public void Whole_experts_on_tensor_parallel_ranks_get_their_part_of_the_tokens()
    {
        // One data-parallel rank, four tensor-parallel ones: the experts spread over these. Cut experts would see all tokens on every rank.
        var job = Dense(LossKernel.InPlace) with { Model = Example.Model("mistralai/Mixtral-8x7B-v0.1") };
        job = job with { Parallelism = new ParallelismSpec { Tensor = 4, SequenceParallel = true, Sharding = Sharding.Optimizer, ExpertCapacityPercent = 100, ExpertPadding = true } };
        var (cut, whole) = (Stored(job), Stored(job with { Parallelism = job.Parallelism with { Expert = 4 } }));
        const long perToken = 2 * 2 * Hidden;
        Assert.Equal(32 * 8192 * (perToken - (perToken / 4)), cut - whole);
    }

    private static long Allocated(JobSpec job, int? stage) => MemoryEstimator.Estimate(job, stage).Allocated.Value;

    private static long Stored(JobSpec job) => new ActivationMemory(new RankContext(job, 0)).Stored.Expected;

    private static JobSpec Dense(LossKernel loss)
    {
        var job = Example.Job(Example.Llama8B, TrainingFramework.Megatron, sharding: Sharding.Optimizer, recompute: Recompute.None);
        return job with { Training = job.Training with { Loss = loss } };
    }
}
