using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Activations;
using GpuMem.Estimation.Buffers;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.Tests.Estimates;

/// <summary>The arithmetic of each mechanism of huggingface/transformers, bytes per token; hack/oracle.sh shows that real modules do the same.</summary>
public sealed class TransformersLayerTests
{
    private const long Sequence = 2048;

    // Llama 3.1 8B: h 4096, f 14,336, 32 query and 8 key-value heads of 128. A norm keeps 4 B of statistics, a kernel for attention 4 B a head.
    private const long H = 4096;
    private const long F = 14_336;
    private const long Q = 4096;
    private const long KV = 1024;
    private const long Heads = 32;
    private const long Norms = 2 * 4;

    [Theory]
    [InlineData(Precision.BF16, (16 * H) + (8 * F) + (4 * Q) + (4 * KV) + (4 * Heads) + Norms)]
    [InlineData(Precision.BF16Mixed, (26 * H) + (8 * F) + (4 * Q) + (4 * KV) + (4 * Heads) + Norms)]
    [InlineData(Precision.FP32, (24 * H) + (16 * F) + (8 * Q) + (8 * KV) + (4 * Heads) + Norms)]
    public void A_layer_of_Llama_in_each_precision(Precision precision, long bytes) =>
        Assert.Equal(bytes, Saved(Example.Llama8B, training => training with { Precision = precision }));

    [Fact]
    public void Padding_repeats_keys_and_values_and_makes_a_bias_over_all_pairs_of_tokens() => Assert.Equal(
        (16 * H) + (8 * F) + (8 * Q) + (2 * Sequence) + (4 * Heads) + Norms,
        Saved(Example.Llama8B, training => training with { Padding = true }));

    [Fact]
    public void Eager_attention_keeps_softmax_in_fp32_and_its_cast() => Assert.Equal(
        (16 * H) + (8 * F) + (8 * Q) + (6 * Heads * Sequence) + Norms,
        Saved(Example.Llama8B, training => training with { Attention = AttentionKernel.Eager }));

    [Fact]
    public void Before_release_5_keys_and_values_are_repeated_for_every_head() => Assert.Equal(
        (16 * H) + (8 * F) + (8 * Q) + (4 * Heads) + Norms,
        Saved(Example.Llama8B, training => training with { TrainerVersion = "4.57" }));

    [Theory]
    [InlineData(Precision.BF16, 2, 2)]
    [InlineData(Precision.FP32, 4, 4)]
    [InlineData(Precision.BF16Mixed, 4, 2)] // weighed in the type of the stream, multiplied in 16 bits
    public void Every_expert_of_Llama_4_gets_every_token(Precision precision, int stream, int product)
    {
        // Sixteen experts of which the router picks one: a real layer of these widths keeps 940,208 bytes of a token in bf16.
        const string config = """
            {"model_type": "llama4_text", "hidden_size": 2048, "intermediate_size": 5632, "intermediate_size_mlp": 8192, "num_attention_heads": 16, "num_key_value_heads": 4,
             "head_dim": 128, "num_hidden_layers": 3, "vocab_size": 50304, "num_local_experts": 16, "num_experts_per_tok": 1, "interleave_moe_layer_step": 1}
            """;
        var model = HuggingFaceConfig.Parse(System.Text.Encoding.UTF8.GetBytes(config), "Llama 4");
        var one = model with { Experts = model.Experts! with { PassesAll = false, Count = 1 } };
        var (all, single) = (Saved(model, training => training with { Precision = precision }, LayerKind.Experts), Saved(one, training => training with { Precision = precision }, LayerKind.Experts));
        var ofOne = precision == Precision.BF16Mixed ? (8 * 2048) + (16 * 5632) : product * ((2 * 2048) + (4 * 5632));
        Assert.Equal((16 * (((stream + product) * 2048L) + (4 * product * 5632))) - ofOne + (4 * 15), all - single);
    }

    [Fact]
    public void Norms_of_queries_and_keys_keep_an_fp32_input_and_a_copy()
    {
        // Qwen3-8B: h 4096, f 12,288, 32 and 8 heads of 128.
        const long bytes = (16 * H) + (8 * 12_288) + (4 * Q) + (4 * KV) + (4 * Heads) + Norms + (6 * (Q + KV)) + (4 * (32 + 8));
        Assert.Equal(bytes, Saved(Example.Model("Qwen/Qwen3-8B"), training => training));
    }

    [Theory]
    [InlineData(AttentionKernel.SDPA, (4 * 4096) + (4 * 2048) + (4 * 16))]
    [InlineData(AttentionKernel.Eager, (8 * 4096) + (8 * 16 * Sequence))]
    public void Four_norms_of_Gemma_work_in_fp32_and_its_scores_pass_through_a_tanh(AttentionKernel attention, long mixer)
    {
        // Gemma-2-9B: h 3584, f 14,336, 16 and 8 heads of 256; the sequence is shorter than the window.
        var bytes = (36 * 3584) + (4 * 4) + (8 * F) + mixer;
        Assert.Equal(bytes, Saved(Example.Model("google/gemma-2-9b"), training => training with { Attention = attention }));
    }

    [Theory]
    [InlineData(Precision.BF16, "5", (2 * ((4 * H) + (8 * F))) + (16 * H))]
    [InlineData(Precision.BF16, "4.57", (2 * ((6 * H) + (8 * F))) + (16 * H) + (4 * Q) - (4 * KV))]
    [InlineData(Precision.BF16Mixed, "5", (2 * ((8 * H) + (16 * F))) + (24 * H))]
    public void Experts_run_grouped_in_the_type_of_the_stream_or_one_after_the_other(Precision precision, string version, long bytes)
    {
        // Mixtral 8x7B: two of eight experts; their router keeps 8 probabilities in fp32 and five 8-byte numbers for each pick.
        var layer = bytes + (4 * Q) + (4 * KV) + (4 * Heads) + Norms + (4 * 8) + (40 * 2);
        Assert.Equal(layer, Saved(Example.Model("mistralai/Mixtral-8x7B-v0.1"), training => training with { Precision = precision, TrainerVersion = version }, LayerKind.Experts));
    }

    [Theory]
    [InlineData(Precision.BF16, AttentionKernel.SDPA, (18 * 1600) + (10 * 6400) + (4 * 25))]
    [InlineData(Precision.BF16Mixed, AttentionKernel.SDPA, (22 * 1600) + (16 * 6400) + (4 * 25))]
    [InlineData(Precision.FP32, AttentionKernel.SDPA, (34 * 1600) + (20 * 6400) + (4 * 25))]
    [InlineData(Precision.BF16, AttentionKernel.Eager, (18 * 1600) + (10 * 6400) + (5 * 25 * Sequence))]
    public void A_layer_of_GPT2_composes_its_activation_of_five_operations(Precision precision, AttentionKernel attention, long bytes)
    {
        // h 1600, f 6400, 25 heads; two LayerNorms keep mean and deviation.
        Assert.Equal(bytes + 16, Saved(Gpt2, training => training with { Precision = precision, Attention = attention }));
    }

    [Fact]
    public void Latent_attention_keeps_its_narrow_vectors_and_what_they_expand_to()
    {
        // DeepSeek-V3: h 7168, ranks 1536 and 512, 128 heads with 128 plain, 64 rotated and 128 value dimensions; a dense layer of 18,432.
        const long narrow = 8 * (1536 + 512);
        const long expanded = 128 * ((4 * 192) + (2 * 256) + (2 * 128) + 4);
        Assert.Equal((16 * 7168) + Norms + narrow + 8 + expanded + (8 * 18_432), Saved(Example.Model("deepseek-ai/DeepSeek-V3"), training => training));
    }

    [Theory]
    [InlineData(ModelOutputs.Dropped, Precision.BF16, 12)]
    [InlineData(ModelOutputs.Held, Precision.BF16, 14)]
    [InlineData(ModelOutputs.HeldInFP32, Precision.BF16, 16)]
    [InlineData(ModelOutputs.Held, Precision.FP32, 16)]
    public void A_logit_takes_three_fp32_tensors_and_what_the_loop_holds(ModelOutputs outputs, Precision precision, long bytes) =>
        Assert.Equal(bytes, LogitsMemory.PerLogit(Rank(Example.Llama8B, training => training with { Outputs = outputs, Precision = precision })).Expected.Of(1));

    [Fact]
    public void A_soft_cap_keeps_a_tanh_in_the_type_of_the_logits() =>
        Assert.Equal(14, LogitsMemory.PerLogit(Rank(Example.Model("google/gemma-2-9b"), training => training)).Expected.Of(1));

    [Fact]
    public void A_layer_with_scores_in_the_open_works_on_twelve_bytes_of_each_in_backward()
    {
        var rank = Rank(Example.Llama8B, training => training with { Attention = AttentionKernel.Eager, SequenceLength = 16_384 });
        var layer = TransformersLayer.Of(rank, LayerKind.Dense);

        // Beyond the six saved; the stream's gradient is there, and feed-forward's norm, input and tensors are gone for its weights' gradients.
        const long gone = (8 * H) + (8 * F);
        const long gradients = 2 * ((3 * F * H) + (Q * H));
        Assert.Equal((16_384 * ((6 * Heads * 16_384) + (2 * H) - gone)) + gradients, layer.WorkingSet());
    }

    [Fact]
    public void Of_offloaded_activations_two_of_the_heaviest_layers_stay()
    {
        // Layers with a window need a mask where the others need none; more of the others make no layer lighter.
        var gemma = Example.Model("google/gemma-3-27b-pt");
        Assert.Equal(Stored(gemma), Stored(gemma with { Layers = gemma.Layers + 10 }));

        static long Stored(ModelArchitecture model) =>
            new ActivationMemory(Rank(model, training => training with { Offload = new OffloadSpec { Activations = true } })).Stored.Expected;
    }

    [Theory]
    [InlineData(OptimizerImplementation.Fused, 0)]
    [InlineData(OptimizerImplementation.Foreach, 2 * 8_030_261_248)]
    [InlineData(OptimizerImplementation.ForLoop, 2 * 2 * 128_256 * H)]
    public void A_step_copies_all_weights_or_two_of_the_largest_tensor_or_nothing(OptimizerImplementation implementation, long bytes)
    {
        var rank = Rank(Example.Llama8B, training => training with { OptimizerImplementation = implementation });
        _ = new RankMemory(rank).In(Phase.OptimizerStep, out var terms);
        Assert.Equal(bytes, terms[TermKind.OptimizerTemporaries].Expected);
    }

    [Theory]
    [InlineData(Precision.BF16, 184_680)]
    [InlineData(Precision.BF16Mixed, 217_448)]
    public void A_layer_of_Llama_under_adapters_on_every_matrix(Precision precision, long bytes) => Assert.Equal(
        bytes,
        Saved(Example.Llama8B, training => training with
        {
            Method = TrainingMethod.LoRA,
            Precision = precision,
            Lora = new LoraSpec { TargetModules = ["all-linear"] },
        }));

    /// <summary>
    /// Seven adapters each keep an input of their own, 2 B, and a mask of 1 B, in place of one input for three, one for two, one of the last product's, and of
    /// attention's result, which its kernel keeps anyway. Casts of fp32 adapters are seven already, and get masks.
    /// </summary>
    [Theory]
    [InlineData(Precision.BF16, (3 * ((5 * H) + H + 14_336)) - (2 * ((2 * H) + 14_336)))]
    [InlineData(Precision.BF16Mixed, (5 * H) + H + 14_336)]
    public void Adapters_with_dropout_keep_what_it_leaves_and_a_mask(Precision precision, long bytes)
    {
        long Layer(bool? dropout, Trainer trainer) => Saved(Example.Llama8B, training => training with { Trainer = trainer, Method = TrainingMethod.LoRA, Precision = precision, Lora = new LoraSpec { Dropout = dropout } });
        Assert.Equal(bytes, Layer(true, Trainer.HuggingFace) - Layer(false, Trainer.HuggingFace));
        Assert.Equal(Layer(false, Trainer.HuggingFace), Layer(null, Trainer.HuggingFace));

        // trl/trainer/model_config.py: lora_dropout is 0.05.
        Assert.Equal(bytes, Layer(null, Trainer.TRL) - Layer(false, Trainer.TRL));
    }

    [Fact]
    public void One_head_of_keys_that_is_broadcast_keeps_scores_in_fp32_under_SDPA()
    {
        // Falcon-7B: 71 queries on one head of keys, which no fused kernel takes. Eager attention keeps softmax in 16 bits, torch's own composition in fp32,
        // with queries and result in fp32 besides.
        var falcon = Example.Model("tiiuae/falcon-7b");
        var eager = Saved(falcon, training => training with { Attention = AttentionKernel.Eager });
        Assert.Equal((2 * 71 * Sequence) + (6 * 4544), Saved(falcon, training => training) - eager);
        var usual = Saved(falcon with { BroadcastsHead = false }, training => training with { Attention = AttentionKernel.Eager });
        Assert.Equal(4 * 71 * Sequence, usual - eager);
    }

    [Fact]
    public void A_cast_of_a_view_is_not_cached()
    {
        // 16-bit copies of Falcon's linear layers are there for backward, or not at all.
        var (falcon, casts) = (Example.Model("tiiuae/falcon-7b"), (Func<TrainingSpec, TrainingSpec>)(training => training with { Precision = Precision.BF16Mixed, Recompute = Recompute.Full }));
        Assert.Equal(2L * 65_024 * 4544, GatheredParameters.Of(Rank(falcon, casts), GatheredAt.ForwardEnd).Expected);
        Assert.True(GatheredParameters.Of(Rank(falcon with { CastsViews = false }, casts), GatheredAt.ForwardEnd).Expected > 12_000_000_000);
    }

    [Fact]
    public void A_clamped_gate_keeps_three_tensors_more()
    {
        var model = Example.Model("openai/gpt-oss-20b");
        var plain = model with { Experts = model.Experts! with { ClampsGate = false } };
        Assert.Equal(3 * 2 * 4 * 2880, Saved(model, training => training, LayerKind.Experts) - Saved(plain, training => training, LayerKind.Experts));
    }

    [Fact]
    public void A_gate_of_the_shared_experts_keeps_what_they_return()
    {
        var model = Example.Model("Qwen/Qwen1.5-MoE-A2.7B");
        var plain = model with { Experts = model.Experts! with { SharedGate = false } };
        Assert.Equal(2 * (2048 + 1), Saved(model, training => training, LayerKind.Experts) - Saved(plain, training => training, LayerKind.Experts));
    }

    private static ModelArchitecture Gpt2 { get; } = HuggingFaceConfig.Parse(
        """{"model_type":"gpt2","n_embd":1600,"n_layer":48,"n_head":25,"n_positions":1024,"vocab_size":50257,"resid_pdrop":0.1,"attn_pdrop":0.1}"""u8.ToArray(), "gpt2-xl");

    private static long Saved(ModelArchitecture model, Func<TrainingSpec, TrainingSpec> change, LayerKind kind = LayerKind.Dense)
    {
        var bytes = TransformersLayer.Of(Rank(model, change), kind).Saved();
        return bytes.Hidden + bytes.Local;
    }

    private static RankContext Rank(ModelArchitecture model, Func<TrainingSpec, TrainingSpec> change)
    {
        var job = Example.Job(model, TrainingFramework.HuggingFace, sharding: Sharding.None, sequenceLength: Sequence, recompute: Recompute.None);
        return new RankContext(job with { Training = change(job.Training with { Trainer = Trainer.HuggingFace, Precision = Precision.BF16, Attention = AttentionKernel.SDPA }) }, 0);
    }
}
