using GpuMem.Api.Commands.Training;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Api.Tests.Commands;

/// <summary>What Megatron-LM's arguments say of stages, experts, recomputation, loss and optimizer.</summary>
public sealed class MegatronCommandTests
{
    private const string Megatron =
        "pretrain_gpt.py --num-layers 32 --hidden-size 4096 --num-attention-heads 32 --seq-length 8192 --max-position-embeddings 8192 --micro-batch-size 1 --vocab-size 128000 --bf16";

    [Theory]
    [InlineData("--cross-entropy-loss-fusion --cross-entropy-fusion-impl te", LossKernel.InPlace, null)]
    [InlineData("--cross-entropy-loss-fusion --cross-entropy-fusion-impl native", null, true)] // the plain loss, compiled
    [InlineData("--cross-entropy-loss-fusion", null, true)] // native is Megatron's default
    [InlineData("--cross-entropy-fusion-impl te", null, null)]
    public void Only_Transformer_Engines_loss_works_in_place(string flags, LossKernel? loss, bool? compiled)
    {
        var read = Of($"torchrun --nproc_per_node 8 {Megatron} {flags}");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((loss, compiled), (read.Job.Training!.Loss, read.Job.Training.FusedKernels));
    }

    [Fact]
    public void Megatron_trains_modules_for_further_tokens_when_it_is_told() =>
        Assert.Equal((1, null), (Of($"torchrun --nproc_per_node 8 {Megatron} --mtp-num-layers 1").Job.Training!.PredictionModules, Of($"torchrun --nproc_per_node 8 {Megatron}").Job.Training!.PredictionModules));

    [Theory]
    [InlineData("--recompute-granularity full --recompute-method block --recompute-num-layers 3", Recompute.Full, 3, null)]
    [InlineData("--recompute-granularity full --recompute-method uniform --recompute-num-layers 1", Recompute.Full, null, null)]
    [InlineData("--recompute-granularity full --recompute-method uniform --recompute-num-layers 2", Recompute.Full, null, "--recompute-num-layers 2")]
    [InlineData("--recompute-method block --recompute-num-layers 3", null, null, null)] // nothing is recomputed
    public void Megatron_recomputes_all_layers_or_the_first_of_each_stage(string flags, Recompute? recompute, int? layers, string? notUnderstood)
    {
        var read = Of($"torchrun --nproc_per_node 8 {Megatron} {flags}");
        Assert.Equal(notUnderstood is null ? [] : [notUnderstood], read.NotUnderstood);
        Assert.Equal((recompute, layers), (read.Job.Training!.Recompute?.Value, read.Job.Training.RecomputeLayers));
    }

    [Theory]
    [InlineData("--use-megatron-fsdp --use-distributed-optimizer --data-parallel-sharding-strategy optim_grads_params", Sharding.Full)]
    [InlineData("--use-megatron-fsdp --use-distributed-optimizer", Sharding.None)] // its default is no_shard
    [InlineData("--use-torch-fsdp2", Sharding.Full)]
    [InlineData("--use-distributed-optimizer", Sharding.Optimizer)]
    public void Megatrons_own_FSDP_divides_what_it_is_told(string flags, Sharding sharding)
    {
        var read = Of($"torchrun --nproc_per_node 8 {Megatron} {flags}");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(sharding, read.Job.Parallelism!.Sharding);
    }

    [Fact]
    public void Megatrons_norms_of_heads_and_the_experts_that_it_recomputes_are_taken()
    {
        var read = Of($"torchrun --nproc_per_node 8 {Megatron} --qk-layernorm --num-experts 8 --moe-layer-recompute");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(QueryKeyNormalization.PerHead, read.Job.Model!.Architecture!.QueryKeyNormalization);
        Assert.Equal(Recompute.Selective, read.Job.Training!.Recompute?.Value);
        Assert.Equal(["core_attn", "moe"], read.Job.Training.RecomputeModules);
        Assert.Null(Of($"torchrun --nproc_per_node 8 {Megatron} --qk-layernorm --multi-latent-attention").Job.Model!.Architecture!.QueryKeyNormalization);
        Assert.Equal(["--squared-relu"], Of($"torchrun --nproc_per_node 8 {Megatron} --squared-relu").NotUnderstood);
    }

    [Theory]
    [InlineData("Et*7|(t*9|)*2t*7L", 7, 7, 1)]
    [InlineData("Ett|(ttt|)*6,tttL", 5, 6, 2)] // eight chunks over four stages
    [InlineData("Et*3|t*9,|t*9|t*10,m,L", 3, 10, 1)]
    [InlineData("Et*8|t*8|t*8|t*7|L", null, null, null)] // five chunks
    [InlineData("Et*8|t*7|t*9|t*8L", null, null, null)] // other stages between the first and the last
    [InlineData("E|t*10|t*11|t*11L", null, null, null)] // an embedding alone
    [InlineData("E(t*99999)*99999|t|t|tL", null, null, null)]
    [InlineData("Ex|t|t|tL", null, null, null)]
    public void Stages_that_are_written_out_are_counted(string layout, int? first, int? last, int? chunks)
    {
        var read = Of($"torchrun --nproc_per_node 8 {Megatron} --pipeline-model-parallel-size 4 --pipeline-model-parallel-layout '{layout}'");
        Assert.Equal(first is null ? [$"--pipeline-model-parallel-layout {layout}"] : [], read.NotUnderstood);
        Assert.Equal((first, last, chunks), (read.Job.Parallelism!.FirstStageLayers, read.Job.Parallelism.LastStageLayers, read.Job.Parallelism.VirtualStages));
    }

    [Theory]
    [InlineData("--decoder-first-pipeline-num-layers 7 --decoder-last-pipeline-num-layers 5", 7, 5)]
    [InlineData("--decoder-last-pipeline-num-layers 2", null, 2)]
    [InlineData("--num-layers 30 --account-for-embedding-in-pipeline-split --account-for-loss-in-pipeline-split", 7, 7)] // 32 / 4 less what stands for a layer
    [InlineData("--num-layers 31 --account-for-loss-in-pipeline-split", 8, 7)]
    public void Megatrons_stages_have_the_layers_that_it_is_told(string flags, int? first, int? last)
    {
        var read = Of($"torchrun --nproc_per_node 8 {Megatron} --pipeline-model-parallel-size 4 {flags}");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((first, last), (read.Job.Parallelism!.FirstStageLayers, read.Job.Parallelism.LastStageLayers));
    }

    [Fact]
    public void Megatrons_weights_that_are_gathered_in_eight_bits_are_kept_in_them()
    {
        var read = Of($"torchrun --nproc_per_node 8 {Megatron} --fp8-format hybrid --fp8-param-gather --use-distributed-optimizer");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(DataType.FP8, read.Job.Training!.DataTypes!.Weights);
    }

    [Fact]
    public void Megatrons_experts_may_be_cut_over_fewer_ranks_than_the_rest()
    {
        var read = Of($"torchrun --nproc_per_node 8 {Megatron} --tensor-model-parallel-size 2 --expert-model-parallel-size 8 --expert-tensor-parallel-size 1 --num-experts 8");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal((8, 1), (read.Job.Parallelism!.Expert, read.Job.Parallelism.ExpertTensor));
        Assert.Null(Of($"torchrun --nproc_per_node 8 {Megatron} --expert-tensor-parallel-size 1").Job.Parallelism!.ExpertTensor);
    }

    [Theory]
    [InlineData("", CopyType.BF16, null, null)] // the 16 bits that bf16 weights lack of fp32
    [InlineData("--main-params-dtype fp16 --exp-avg-dtype bf16 --exp-avg-sq-dtype bf16", CopyType.FP16, null, DataType.BF16)]
    [InlineData("--main-grads-dtype bf16", CopyType.BF16, DataType.BF16, null)]
    public void Megatrons_precision_aware_optimizer_copies_no_gradients_and_half_the_weights(string flags, CopyType master, DataType? gradients, DataType? moments)
    {
        var read = Of($"torchrun --nproc_per_node 8 {Megatron} --use-distributed-optimizer --use-precision-aware-optimizer {flags}");
        Assert.Empty(read.NotUnderstood);
        var types = read.Job.Training!.DataTypes!;
        Assert.Equal((master, CopyType.None, gradients, moments), (types.MasterWeights, types.GradientCopy, types.Gradients, types.Moments));
    }

    [Theory]
    [InlineData("--tokenizer-type HuggingFaceTokenizer --tokenizer-model meta-llama/Llama-3.1-8B", 128_256)]
    [InlineData("--tokenizer-type HuggingFaceTokenizer --tokenizer-model /models/Qwen3-8B", 151_936)]
    [InlineData("--vocab-file /data/gpt2-vocab.json --merge-file /data/gpt2-merges.txt", 50_304)]
    [InlineData("--vocab-size 1000 --tokenizer-model meta-llama/Llama-3.1-8B", 1024)]
    public void The_vocabulary_is_that_of_the_tokenizer_that_is_named_unless_its_size_is_said(string flags, int vocabulary)
    {
        var read = Of($"torchrun --nproc_per_node 8 pretrain_gpt.py --num-layers 32 --hidden-size 4096 --num-attention-heads 32 --seq-length 8192 --max-position-embeddings 8192 --micro-batch-size 1 --bf16 {flags}");
        Assert.Empty(read.NotUnderstood);
        Assert.Equal(vocabulary, read.Job.Model!.Architecture!.VocabularySize);
    }

    [Fact]
    public void Of_a_tokenizer_that_is_not_known_the_vocabulary_is_asked_for() =>
        Assert.Contains(Of("torchrun pretrain_gpt.py --num-layers 32 --hidden-size 4096 --num-attention-heads 32 --seq-length 8192 --micro-batch-size 1 --tokenizer-model /data/tokenizer.model").NotUnderstood, said => said.StartsWith("the size of the vocabulary", StringComparison.Ordinal));

    private static TrainingCommand Of(string command) => Assert.Single(TrainingCommandReader.Read(TrainingPods.Pod(Words(command)), pods: 1, []));

    /// <summary>Blanks between single quotes hold a word together.</summary>
    private static List<string> Words(string command) => [.. command.Split('\'').SelectMany((part, at) => at % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
}
