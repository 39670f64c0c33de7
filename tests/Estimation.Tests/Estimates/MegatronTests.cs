using GpuMem.Estimation.Activations;
using GpuMem.Estimation.Buffers;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Tests.Estimates;

/// <summary>One worked example for each layout of Megatron-LM: allocated bytes of a rank, added up by hand from what its code keeps.</summary>
public sealed class MegatronTests
{
    private const long Workspaces = 64L << 20;

    // One for each of the four streams of a grouped product.
    private const long GroupedWorkspaces = 4 * (32L << 20);

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

    [Fact]
    public void A_compiled_loss_has_exponentials_and_gradient_beside_the_logits()
    {
        // Read in core/fusions/fused_cross_entropy.py and measured: 1.711 GiB of gpt3_mcore_te_tp2_pp2_cross_entropy_loss_fusion, 1.330 GiB without.
        const long tokens = 8192;
        var plain = Dense(LossKernel.Full);
        var compiled = plain with { Training = plain.Training with { FusedKernels = true } };
        Assert.Equal(4 * tokens * Vocabulary, Allocated(compiled, stage: null) - Allocated(plain, stage: null));
    }

    [Theory]
    [InlineData(false, 2)] // softmax alone: 55.98 GiB of gpt3_mcore_te_tp2_pp2_ep4_etp1_memory_speed, where five bytes would make 99
    [InlineData(true, 5)] // and with dropout its mask and result
    public void Unfused_attention_keeps_the_softmax_and_what_dropout_makes_of_it(bool dropout, int perPair)
    {
        var job = Dense(LossKernel.Full) with { Model = Example.Llama8B with { HiddenDropout = dropout } };
        var unfused = job with { Training = job.Training with { Attention = AttentionKernel.Eager } };
        Assert.Equal(32 * 8192L * 32 * ((perPair * 8192) - 4), Stored(unfused) - Stored(job));
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

        // Norms of heads keep their inputs and a scale of each head. The router keeps an index and a softmax for each pick; for every expert a weight, a
        // mark and the auxiliary loss's softmax; two more indices and a weight to put tokens in order.
        var normInputs = norms > 0 ? (2 * (query + keyValue)) + (4 * (query + keyValue) / 128) : 0;
        var router = (active * (8 + 4)) + (experts * (2 + 1 + 4)) + (active * ((2 * 8) + 2));
        var saved = here * tokens * ((8 * hidden) + (4 * query) + (4 * keyValue) + normInputs + (4 * 32) + router + (active * ((2 * hidden) + (6 * width))));
        var shapes = 2 * (((query + (2 * keyValue)) * hidden) + (hidden * query) + (3 * width * hidden));

        // Wide experts peak in backward at their activation function, narrow ones in forward, when tokens sent, received, computed and in their senders'
        // order are all there.
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
        Assert.Equal(states + (2 * saved) + working + shapes + (2 * hidden * tokens) + Workspaces + GroupedWorkspaces, Allocated(job, stage: 0));
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

    [Theory]
    [InlineData(8, 8, true, 3)] // one expert on each of eight ranks: sent, returned, sent back
    [InlineData(8, 8, false, 3)]
    [InlineData(4, 4, true, 4)] // two on each of four: sent, come, returned, in their senders' order
    [InlineData(1, 1, true, 1)] // all on one rank, filled up, in order already: returned
    [InlineData(1, 1, false, 3)] // not filled up: sent, returned, in order again
    public void Tokens_between_experts_are_held_as_often_as_they_are_copied(int expert, int data, bool padded, int copies)
    {
        // With one stage the layer's result joins them, but for the moment in which the tokens are put in their senders' order.
        const long rows = 2 * 2 * Hidden * 8192;
        const long result = 2 * Hidden * 8192;
        var job = Dense(LossKernel.InPlace) with
        {
            Model = Example.Model("mistralai/Mixtral-8x7B-v0.1"),
            Parallelism = new ParallelismSpec { Data = data, Expert = expert, Sharding = Sharding.Optimizer, ExpertCapacityPercent = 100, ExpertPadding = padded },
        };
        var atReorder = expert == 1 && !padded;
        Assert.Equal((copies * rows) + (atReorder ? 0 : result), new ActivationMemory(new RankContext(job, 0)).ForwardSet);
    }

    [Fact]
    public void Gathered_tokens_lie_in_a_buffer_for_good_and_are_added_up_once_more()
    {
        // Eight ranks' tokens in the buffer; while the last layer runs forward what its experts return, and the sum of it for the tokens of all ranks.
        const long stream = 2 * Hidden * 8192;
        var sent = Dense(LossKernel.InPlace) with
        {
            Model = Example.Model("mistralai/Mixtral-8x7B-v0.1"),
            Parallelism = new ParallelismSpec { Data = 8, Expert = 8, Sharding = Sharding.Optimizer, ExpertCapacityPercent = 100, ExpertPadding = true },
        };
        var gathered = sent with { Parallelism = sent.Parallelism with { ExpertDispatch = ExpertDispatch.AllGather } };
        Assert.Equal(8 * stream, new CommunicationBuffers(new RankContext(gathered, 0)).Always.Expected - new CommunicationBuffers(new RankContext(sent, 0)).Always.Expected);
        Assert.Equal((2 * stream) + (8 * stream), new ActivationMemory(new RankContext(gathered, 0)).ForwardSet);
    }

    [Theory]
    [InlineData("mistralai/Mixtral-8x7B-v0.1", 32_000, 4, 8, 1, 8, 8, 35.506e9)] // mixtral_8x7b_tp1pp4ep8vpp8_release
    [InlineData("mistralai/Mixtral-8x7B-v0.1", 256_000, 4, 4, 2, 1, 16, 26.496e9)] // mixtral_8x7b_alltoall_tp2pp4ep4_release
    [InlineData("mistralai/Mixtral-8x22B-v0.1", 32_000, 8, 8, 2, 1, 8, 28.534e9)] // mixtral_8x22b_tp2pp8ep8vpp1_release
    public void Mixtrals_last_stage_holds_what_Megatrons_own_runs_measured(
        string model, int vocabulary, int stages, int expert, int expertTensor, int chunks, int data, double measured)
    {
        // mem-max-allocated-bytes of the last rank in Megatron-LM's tests/functional_tests/test_cases/mixtral/*/golden_values_dev_dgx_h100.json. The files do
        // not name the number of GPUs; of what fits their expert-parallel groups, the bytes between steps leave these.
        var job = Dense(LossKernel.Full) with
        {
            Model = Example.Model(model) with { VocabularySize = vocabulary },
            Parallelism = new ParallelismSpec
            {
                Tensor = 2, SequenceParallel = true, Pipeline = stages, Data = data, Expert = expert, ExpertTensor = expertTensor, Sharding = Sharding.Optimizer,
                Schedule = chunks > 1 ? PipelineSchedule.Interleaved : PipelineSchedule.OneForwardOneBackward, VirtualStages = chunks,
            },
        };
        job = job with { Training = job.Training with { SequenceLength = 4096, MicroBatchSize = 1, GlobalBatchSize = 256 } };
        Assert.InRange(Allocated(job, stages - 1) / measured, 0.99, 1.01);
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(2, 2)]
    public void Experts_may_be_cut_over_fewer_ranks_than_the_rest(int expert, int cut)
    {
        // Four tensor-parallel ranks with a quarter of the tokens each: expert ranks see their own quarter, and gather that of those who cut the same expert.
        var job = Dense(LossKernel.InPlace) with { Model = Example.Model("mistralai/Mixtral-8x7B-v0.1") };
        job = job with { Parallelism = new ParallelismSpec { Tensor = 4, SequenceParallel = true, Expert = expert, ExpertTensor = cut, ExpertCapacityPercent = 100, ExpertPadding = true } };
        var rank = new RankContext(job, 0);
        Assert.Equal((8 / expert, Feed / cut), (rank.Shape.Experts, rank.Shape.ExpertSize));

        const long share = 8192 / 4;
        const long router = (2 * (8 + 4)) + (8 * (2 + 1 + 4)) + (2 * ((2 * 8) + 2));
        var perLayer = (share * ((8 * Hidden) + router)) + (8192 * ((4 * 1024) + (4 * 256) + (4 * 8))) + (share * cut * 2 * ((2 * Hidden) + (6 * Feed / cut)));
        Assert.Equal(32 * perLayer, new ActivationMemory(rank).Stored.Expected);
    }

    [Theory]
    [InlineData("meta-llama/Llama-3.1-8B", RecomputeModules.Norms, 0)] // both norms are part of the products behind them
    [InlineData("meta-llama/Llama-3.1-8B", RecomputeModules.FeedForward, (2 * 4096) + (6 * 14_336))] // the norm's result, gate, up, product
    [InlineData("meta-llama/Llama-3.1-8B", RecomputeModules.AttentionCore, 4 * 32)] // statistics of softmax
    [InlineData("mistralai/Mixtral-8x7B-v0.1", RecomputeModules.Norms, 2 * 4096)] // the norm before the router is a module of its own
    [InlineData("mistralai/Mixtral-8x7B-v0.1", RecomputeModules.ExpertActivation, 2 * 2 * 14_336)]
    [InlineData("mistralai/Mixtral-8x7B-v0.1", RecomputeModules.Experts, (2 * ((2 * 4096) + (6 * 14_336))) + 124)] // 124 of the router, as above but not padded
    public void A_module_that_is_computed_again_keeps_its_input_only(string model, RecomputeModules modules, long perToken)
    {
        var job = Dense(LossKernel.InPlace) with { Model = Example.Model(model) };
        var again = job with { Training = job.Training with { Recompute = Recompute.Selective, RecomputeModules = modules } };
        Assert.Equal(32 * 8192 * perToken, Stored(job) - Stored(again));
    }

    [Fact]
    public void Latent_attention_that_is_projected_again_keeps_its_narrow_vectors_only()
    {
        // DeepSeek V3, 61 layers: results of the norms of 1536 and 512, queries and keys of 128 heads of 192, values of 128.
        const long perToken = (2 * (1536 + 512)) + (2 * 2 * 128 * 192) + (2 * 128 * 128);
        var job = Dense(LossKernel.InPlace) with { Model = Example.Model("deepseek-ai/DeepSeek-V3") };
        var again = job with { Training = job.Training with { Recompute = Recompute.Selective, RecomputeModules = RecomputeModules.LatentUpProjection } };
        Assert.Equal(61 * 8192 * perToken, Stored(job) - Stored(again));

        // Its norm before attention is a module of its own in all layers, that before the experts in 58 of them.
        var norms = job with { Training = job.Training with { Recompute = Recompute.Selective, RecomputeModules = RecomputeModules.Norms } };
        Assert.Equal((61 + 58) * 8192 * 2 * 7168L, Stored(job) - Stored(norms));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(RecomputeModules.FeedForward)]
    [InlineData(RecomputeModules.AttentionCore)]
    public void Backward_begins_with_what_the_last_layer_has_not_kept(RecomputeModules? modules)
    {
        // The first of two stages, whose two micro-batches keep their part of 16 layers; of the last comes again what was not kept, and is whole then.
        const long tokens = 8192;
        const long whole = (8 * Hidden) + (4 * Hidden) + (4 * KeyValue) + (6 * Feed) + (4 * 32);
        var kept = modules switch { null => 2 * Hidden, RecomputeModules.FeedForward => whole - (6 * Feed) - (2 * Hidden), _ => whole - (4 * 32) };
        var job = Dense(LossKernel.InPlace) with { Parallelism = new ParallelismSpec { Pipeline = 2, Sharding = Sharding.Optimizer } };
        job = job with { Training = job.Training with { Recompute = modules is null ? Recompute.Full : Recompute.Selective, RecomputeModules = modules ?? RecomputeModules.None } };

        const long parameters = (16 * Layer) + Table;
        const long placeholders = 2 * (((Hidden + (2 * KeyValue)) * Hidden) + (Hidden * Hidden) + (3 * Feed * Hidden));
        const long working = (4 * Feed * tokens) + (2 * Hidden * tokens);
        var activations = tokens * ((2 * 16 * kept) + (whole - kept));
        Assert.Equal((18 * parameters) + activations + working + placeholders + (2 * Hidden * tokens) + Workspaces, Allocated(job, stage: 0));
    }

    [Theory]
    [InlineData(LossKernel.InPlace)]
    [InlineData(LossKernel.Full)]
    public void A_module_for_a_further_token_has_a_layer_an_embedding_and_a_loss_of_its_own(LossKernel loss)
    {
        // The last of two stages: three norms, the matrix that joins two inputs, a layer, and the embedding that only the first stage had.
        const long tokens = 8192;
        const long parameters = Layer + (3 * Hidden) + (2 * Hidden * Hidden) + Table;

        // Inputs of three norms, of the joining matrix, twice as wide, and of the head; what a layer saves; logits, or their softmax in fp32.
        const long whole = (8 * Hidden) + (4 * Hidden) + (4 * KeyValue) + (6 * Feed) + (4 * 32);
        var logits = (loss == LossKernel.InPlace ? 2 : 4) * Vocabulary;
        var job = Dense(loss) with { Parallelism = new ParallelismSpec { Pipeline = 2, Sharding = Sharding.Optimizer } };
        var with = job with { Training = job.Training with { PredictionModules = 1 } };
        Assert.Equal((18 * parameters) + (tokens * ((12 * Hidden) + whole + logits)), Allocated(with, stage: 1) - Allocated(job, stage: 1));
        Assert.Equal(Allocated(job, stage: 0), Allocated(with, stage: 0));
    }

    [Theory]
    [InlineData("meta-llama/Llama-3.1-8B", (-2 * 4096) - 14_336 + 4096)] // results of both norms and the product are halved; attention keeps its result beside the cast
    [InlineData("mistralai/Mixtral-8x7B-v0.1", -4096 + 4096 - (2 * (4096 + 14_336)))] // the router keeps the norm's result as it is; tokens and products of two experts are halved
    public void Products_in_eight_bits_save_what_they_cast(string model, long perToken)
    {
        var job = Dense(LossKernel.InPlace) with { Model = Example.Model(model) };
        var narrow = job with { Training = job.Training with { Precision = Precision.FP8 } };
        Assert.Equal(32 * 8192 * perToken, Stored(narrow) - Stored(job));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Matrices_of_blocks_are_held_twice_in_eight_bits_however_many_micro_batches_there_are(long batch)
    {
        var job = Dense(LossKernel.InPlace);
        job = job with { Training = job.Training with { Precision = Precision.FP8, GlobalBatchSize = batch } };
        Assert.Equal(2 * 32 * (Layer - (2 * Hidden)), GatheredParameters.Of(new RankContext(job, 0), GatheredAt.Loss).Expected);
    }

    [Fact]
    public void Weights_that_are_kept_in_eight_bits_have_only_their_transposes_besides()
    {
        // --fp8-param-gather: of each matrix of a block two bytes in place of four; embedding, norms and head keep the two that they have.
        var job = Dense(LossKernel.InPlace);
        var cast = job with { Training = job.Training with { Precision = Precision.FP8 } };
        var kept = cast with { Training = cast.Training with { DataTypes = new DataTypes { Weights = DataType.FP8 } } };
        Assert.Equal(2 * 32 * (Layer - (2 * Hidden)), Allocated(cast, stage: null) - Allocated(kept, stage: null));
    }

    [Fact]
    public void A_block_recomputes_the_first_layers_of_each_stage_and_keeps_all_of_the_others()
    {
        // Five of the sixteen layers of a stage; with two chunks a stage, the first five of each.
        const long whole = (8 * Hidden) + (4 * Hidden) + (4 * KeyValue) + (6 * Feed) + (4 * 32);
        var job = Dense(LossKernel.InPlace) with { Parallelism = new ParallelismSpec { Pipeline = 2, Sharding = Sharding.Optimizer } };
        job = job with { Training = job.Training with { Recompute = Recompute.Full, RecomputeLayers = 5 } };
        var memory = new ActivationMemory(new RankContext(job, 1));
        Assert.Equal(8192 * ((5 * 2 * Hidden) + (11 * whole)), memory.Stored.Expected);
        Assert.Equal(0, memory.Again.Expected); // backward begins with a layer that kept all

        var chunks = job with { Parallelism = job.Parallelism with { Schedule = PipelineSchedule.Interleaved, VirtualStages = 2 } };
        Assert.Equal(new LayerCounts(10, 0, 0, 0), new RankContext(chunks, 1).Recomputed);
    }

    [Fact]
    public void A_ring_of_many_ranks_holds_all_keys_and_values_while_one_layer_attends()
    {
        // Llama 2 7B, 32 ranks of 1024 tokens: 31 buffers of keys and values of 4096 each, when the layer has not saved 4 h and 6 f behind it yet.
        var job = Dense(LossKernel.InPlace) with { Model = Example.Model("meta-llama/Llama-2-7b-hf"), Parallelism = new ParallelismSpec { Context = 32, Sharding = Sharding.Optimizer } };
        job = job with { Training = job.Training with { SequenceLength = 32 * 1024 } };
        Assert.Equal(1024 * ((31 * 2 * 2 * 4096) - (4 * 4096) - (6 * 11_008)), new ActivationMemory(new RankContext(job, 0)).ForwardSet);
    }

    [Fact]
    public void Queries_that_nothing_rotates_hold_their_joint_product_beside_the_ring()
    {
        // GPT-2 XL: 48 layers, 1600 wide, keys and values as wide: the joint product is kept for the queries, and keys and values once more for the ring.
        var ring = Dense(LossKernel.InPlace) with { Model = Example.Model("openai-community/gpt2-xl"), Parallelism = new ParallelismSpec { Context = 2, Sharding = Sharding.Optimizer } };
        var gathered = ring with { Parallelism = ring.Parallelism with { ContextExchange = ContextExchange.AllGather } };
        Assert.Equal(48 * 4096 * 4 * 1600, Stored(ring) - Stored(gathered));
    }

    [Theory]
    [InlineData(4, 7, 6, new long[] { 7, 9, 9, 6 })] // 31 layers
    [InlineData(4, 4, null, new long[] { 4, 9, 9, 9 })]
    [InlineData(2, null, 1, new long[] { 30, 1 })]
    [InlineData(3, null, null, new long[] { 11, 10, 10 })]
    public void Stages_hold_the_layers_that_they_are_told(int stages, int? first, int? last, long[] layers)
    {
        var job = Dense(LossKernel.InPlace) with { Model = Example.Llama8B with { Layers = 31 } };
        job = job with { Parallelism = new ParallelismSpec { Pipeline = stages, FirstStageLayers = first, LastStageLayers = last } };
        Assert.Empty(MemoryEstimator.Validate(job));
        var held = Enumerable.Range(0, stages).Select(index => PipelineStage.Of(job, index)).ToList();
        Assert.Equal(layers, held.Select(stage => stage.Layers));
        Assert.Equal([.. held.Skip(1).Select(stage => stage.Start), 31L], held.Select(stage => stage.Start + stage.Layers));
    }

    [Theory]
    [InlineData(2, 20, 10, "parallelism.firstStageLayers", "at least 1 each")]
    [InlineData(4, null, 30, "parallelism.lastStageLayers", "at most 28")]
    public void Ends_that_leave_no_layer_for_the_stages_between_are_refused(int stages, int? first, int? last, string field, string reason)
    {
        var job = Dense(LossKernel.InPlace) with { Model = Example.Llama8B with { Layers = 31 } };
        var problem = Assert.Single(MemoryEstimator.Validate(job with { Parallelism = new ParallelismSpec { Pipeline = stages, FirstStageLayers = first, LastStageLayers = last } }));
        Assert.Equal(field, problem.Path);
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
    }

    private static long Allocated(JobSpec job, int? stage) => MemoryEstimator.Estimate(job, stage).Allocated.Value;

    private static long Stored(JobSpec job) => new ActivationMemory(new RankContext(job, 0)).Stored.Expected;

    private static JobSpec Dense(LossKernel loss)
    {
        var job = Example.Job(Example.Llama8B, TrainingFramework.Megatron, sharding: Sharding.Optimizer, recompute: Recompute.None);
        return job with { Training = job.Training with { Loss = loss } };
    }
}
