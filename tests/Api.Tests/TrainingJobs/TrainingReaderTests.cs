using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Api.Tests.TrainingJobs;

/// <summary>What a program does by default, and what an author can say about a run and its model.</summary>
public sealed class TrainingReaderTests
{
    [Theory]
    [InlineData("HuggingFace", TrainingFramework.HuggingFace)]
    [InlineData("Unsloth", TrainingFramework.HuggingFace)]
    [InlineData("Torchtune", TrainingFramework.PyTorchFSDP)]
    [InlineData("MegatronBridge", TrainingFramework.Megatron)]
    [InlineData("Nanotron", TrainingFramework.Nanotron)]
    [InlineData("PlainLoop", TrainingFramework.DDP)]
    [InlineData("LLaMAFactory", TrainingFramework.HuggingFace)]
    [InlineData("OpenRLHF", TrainingFramework.DeepSpeed)]
    public void A_trainer_brings_its_framework(string trainer, TrainingFramework framework) => Assert.Equal(framework, Training($"trainer: {trainer}").Framework);

    [Theory]
    [InlineData("trainer: MegatronBridge", Sharding.Optimizer)]
    [InlineData("trainer: NeMoRL, framework: Megatron, objective: GRPO", Sharding.Optimizer)]
    [InlineData("trainer: Verl, framework: Megatron, objective: GRPO", Sharding.Optimizer)]
    [InlineData("trainer: Megatron", Sharding.None)]
    [InlineData("framework: Megatron", Sharding.None)]
    public void The_distributed_optimizer_of_Megatron_Core_is_on_unless_its_user_is_the_one_to_ask_for_it(string training, Sharding sharding) =>
        Assert.Equal(sharding, Read($"model: {{parameters: 7B}}\ntraining: {{sequenceLength: 1, {training}}}\nparallelism: {{data: 8}}").Parallelism.Sharding);

    [Theory]
    [InlineData("Torchtune", "data: 1", TrainingFramework.DDP, Sharding.None)]
    [InlineData("Torchtitan", "data: 1", TrainingFramework.DDP, Sharding.None)]
    [InlineData("LitGPT", "data: 1", TrainingFramework.DDP, Sharding.None)]
    [InlineData("LitGPT", "data: 1, tensor: 2", TrainingFramework.PyTorchFSDP, Sharding.Full)]
    [InlineData("Torchtune", "data: 2", TrainingFramework.PyTorchFSDP, Sharding.Full)]
    [InlineData("Torchtune", "data: Auto", TrainingFramework.PyTorchFSDP, Sharding.Full)]
    [InlineData("Torchtune", "data: 1, sharding: Full", TrainingFramework.PyTorchFSDP, Sharding.Full)]
    public void On_a_single_GPU_some_programs_wrap_nothing(string trainer, string layout, TrainingFramework framework, Sharding sharding)
    {
        var job = Read($"model: {{parameters: 7B}}\ntraining: {{sequenceLength: 1, trainer: {trainer}}}\nparallelism: {{{layout}}}");
        Assert.Equal((framework, sharding), (job.Training.Framework, job.Parallelism.Sharding));
    }

    [Fact]
    public void A_trainer_brings_its_defaults_and_the_author_has_the_last_word()
    {
        var unsloth = Training("trainer: Unsloth, method: QLoRA");
        Assert.Equal((Recompute.Full, LossKernel.Fused, true), (unsloth.Recompute, unsloth.Loss, unsloth.Offload.Activations));

        var otherwise = Training("trainer: Unsloth, method: QLoRA, recompute: None, loss: Full, offload: {activations: false}");
        Assert.Equal((Recompute.None, LossKernel.Full, false), (otherwise.Recompute, otherwise.Loss, otherwise.Offload.Activations));

        var five = Training("trainer: HuggingFace, trainerVersion: 5.8.1");
        Assert.Equal((Precision.BF16, OptimizerImplementation.Fused), (five.Precision, five.OptimizerImplementation));
    }

    [Theory]
    [InlineData("trainer: TRL", Recompute.Full, LossKernel.Chunked, Precision.BF16Mixed)]
    [InlineData("trainer: TRL, trainerVersion: 1.6.0", Recompute.Full, LossKernel.Full, Precision.BF16Mixed)]
    [InlineData("trainer: TRL, objective: DPO", Recompute.Full, LossKernel.Full, Precision.BF16Mixed)]
    [InlineData("trainer: LLaMAFactory", Recompute.Full, LossKernel.Full, Precision.BF16Mixed)]
    [InlineData("trainer: Axolotl", Recompute.None, LossKernel.Full, Precision.BF16)]
    [InlineData("trainer: Axolotl, method: LoRA", Recompute.None, LossKernel.Full, Precision.BF16Mixed)]
    [InlineData("trainer: Axolotl, framework: DeepSpeed", Recompute.None, LossKernel.Full, Precision.BF16Mixed)]
    [InlineData("trainer: Verl, objective: GRPO", Recompute.Full, LossKernel.InPlace, Precision.BF16Mixed)]
    public void Programs_around_the_Trainer_of_transformers_have_defaults_of_their_own(string trainer, Recompute recompute, LossKernel loss, Precision precision)
    {
        var training = Training(trainer);
        Assert.Equal((recompute, loss, precision), (training.Recompute, training.Loss, training.Precision));
    }

    /// <summary>axolotl monkeypatch/accelerate/fsdp2.py, fsdp2_prepare_model, leaves out what accelerate's does at its end: parameters.data.to(float32).</summary>
    [Theory]
    [InlineData("Axolotl", "fsdpVersion: 1", Precision.BF16Mixed)]
    [InlineData("Axolotl", "fsdpVersion: 2", Precision.BF16)]
    [InlineData("Axolotl", "data: 8", Precision.BF16)]
    [InlineData("HuggingFace, trainerVersion: '5.8'", "fsdpVersion: 2", Precision.BF16Mixed)]
    public void What_accelerate_divides_it_keeps_in_fp32_but_for_Axolotls_own_way_with_version_2(string trainer, string layout, Precision precision) => Assert.Equal(
        precision, Read($"model: {{parameters: 7B}}\ntraining: {{sequenceLength: 1, trainer: {trainer}}}\nparallelism: {{sharding: Full, {layout}}}").Training.Precision);

    [Fact]
    public void Verl_generates_on_the_same_GPUs_and_OpenRLHF_divides_gradients()
    {
        var verl = Read("model: {parameters: 7B}\ntraining: {sequenceLength: 1, trainer: Verl, objective: GRPO, rollout: {engineTensor: 4}}");
        Assert.Equal(new RolloutSpec { Engine = RolloutEngine.Colocated, EngineMemoryPercent = 50, EngineTensor = 4, EngineSleeps = true }, verl.Training.Rollout);
        Assert.Equal((Sharding.Full, 1), (verl.Parallelism.Sharding, verl.Parallelism.FsdpVersion));
        Assert.Null(Training("trainer: Verl").Rollout);

        var open = Read("model: {parameters: 7B}\ntraining: {sequenceLength: 1, trainer: OpenRLHF}\nparallelism: {data: 8}");
        Assert.Equal(Sharding.Gradients, open.Parallelism.Sharding);
    }

    [Theory]
    [InlineData("trainer: TRL", ValueTraining.Together, true)]
    [InlineData("trainer: LLaMAFactory", ValueTraining.Shared, true)]
    [InlineData("trainer: Verl", ValueTraining.InTurn, false)]
    [InlineData("trainer: OpenRLHF", ValueTraining.Separate, false)]
    [InlineData("framework: DDP", ValueTraining.Together, false)]
    public void Programs_train_the_value_model_of_PPO_in_ways_of_their_own(string trainer, ValueTraining when, bool reward)
    {
        var training = Training($"{trainer}, objective: PPO");
        Assert.Equal((when, reward, true), (training.ValueTraining, training.RewardModel, training.ReferenceModel));
    }

    [Fact]
    public void NeMo_RL_leaves_the_GPU_to_the_engine_that_generates()
    {
        var training = Training("trainer: NeMoRL, objective: GRPO");
        Assert.Equal(new RolloutSpec { Engine = RolloutEngine.Colocated, EngineMemoryPercent = 60, EngineSleeps = true }, training.Rollout);
        Assert.True(training.Offload.BetweenSteps);
        Assert.False(Training("trainer: NeMoRL").Offload.BetweenSteps);
    }

    [Fact]
    public void TRL_keeps_adapters_over_quantised_weights_in_bf16_unless_told_otherwise()
    {
        Assert.Equal(DataType.BF16, Training("trainer: TRL, method: QLoRA").DataTypes!.Adapters);
        Assert.Equal(DataType.FP32, Training("trainer: TRL, method: QLoRA, dataTypes: {adapters: FP32}").DataTypes!.Adapters);
        Assert.Null(Training("trainer: TRL, method: LoRA").DataTypes);
    }

    /// <summary>transformers quantizers/base.py, is_trainable: FP8 and MXFP4 are expanded to be trained, and so is what another program loads.</summary>
    [Theory]
    [InlineData("Qwen/Qwen2.5-72B-Instruct-AWQ", "trainer: HuggingFace, method: LoRA", TrainingMethod.QLoRA, QuantizationScheme.AWQ4)]
    [InlineData("Qwen/Qwen2.5-72B-Instruct-GPTQ-Int4", "method: LoRA, dataTypes: {weights: FP32}", TrainingMethod.QLoRA, QuantizationScheme.GPTQ4)]
    [InlineData("unsloth/Qwen3-8B-bnb-4bit", "trainer: Unsloth, method: LoRA", TrainingMethod.QLoRA, QuantizationScheme.NF4DoubleQuantized)]
    [InlineData("Qwen/Qwen2.5-7B-Instruct-AWQ", "method: QLoRA", TrainingMethod.QLoRA, QuantizationScheme.AWQ4)]
    [InlineData("Qwen/Qwen2.5-7B-Instruct-AWQ", "method: QLoRA, quantization: {scheme: NF4}", TrainingMethod.QLoRA, QuantizationScheme.NF4)]
    [InlineData("Qwen/Qwen3-8B-FP8", "method: LoRA", TrainingMethod.LoRA, null)]
    [InlineData("openai/gpt-oss-20b", "method: LoRA", TrainingMethod.LoRA, null)]
    [InlineData("Qwen/Qwen2.5-7B-Instruct-AWQ", "method: Full", TrainingMethod.Full, null)]
    [InlineData("Qwen/Qwen2.5-7B-Instruct-AWQ", "trainer: MegatronBridge, framework: Megatron, method: LoRA", TrainingMethod.LoRA, null)]
    public void Adapters_leave_weights_as_the_checkpoint_stores_them(string model, string settings, TrainingMethod method, QuantizationScheme? scheme)
    {
        var training = TrainingJobReader.Read(Jobs.Of($"model: {{name: {model}}}\ntraining: {{sequenceLength: 2048, {settings}}}"), NoConfigMaps.Instance, null, out var problems)!.Job.Training;
        Assert.Empty(problems);
        Assert.Equal((method, scheme, null), (training.Method, training.Quantization?.Scheme, training.DataTypes?.Weights));
    }

    [Theory]
    [InlineData("trainer: HuggingFace", false)]
    [InlineData("trainer: HuggingFace, expandableSegments: true", true)]
    [InlineData("trainer: Axolotl", true)]
    [InlineData("trainer: Axolotl, expandableSegments: false", false)]
    public void Segments_grow_where_the_author_or_the_program_has_them_grow(string settings, bool grow) => Assert.Equal(grow, Training(settings).ExpandableSegments);

    [Fact]
    public void Every_setting_is_taken()
    {
        var training = Training("""
            method: QLoRA, framework: DeepSpeed, trainer: HuggingFace, trainerVersion: "4.57",
            dataTypes: {compute: FP16, weights: BF16, masterWeights: FP32, gradients: FP32, gradientCopy: None, moments: BF16, adapters: FP32},
            optimizer: GaLore, optimizerOptions: {implementation: ForLoop, inBackward: true, projectionRank: 256},
            quantization: {scheme: GPTQ4, groupSize: 32}, offload: {parameters: NVMe, optimizer: Host, activations: true},
            loss: InPlace, referenceModel: true, movingAverage: true, lora: {modulesToSave: [lm_head], decomposed: true}
            """);
        Assert.Equal((Trainer.HuggingFace, "4.57"), (training.Trainer, training.TrainerVersion));
        Assert.Equal(
            new DataTypes
            {
                Compute = DataType.FP16,
                Weights = DataType.BF16,
                MasterWeights = CopyType.FP32,
                Gradients = DataType.FP32,
                GradientCopy = CopyType.None,
                Moments = DataType.BF16,
                Adapters = DataType.FP32,
            },
            training.DataTypes);
        Assert.Equal((OptimizerImplementation.ForLoop, true, 256), (training.OptimizerImplementation, training.OptimizerInBackward, training.OptimizerRank));
        Assert.Equal(new QuantizationSpec(QuantizationScheme.GPTQ4, 32), training.Quantization);
        Assert.Equal(new OffloadSpec { Parameters = OffloadTarget.NVMe, Optimizer = OffloadTarget.Host, Activations = true }, training.Offload);
        Assert.Equal((LossKernel.InPlace, true, true, true), (training.Loss, training.ReferenceModel, training.MovingAverage, training.Lora!.Decomposed));
        Assert.Equal(["lm_head"], training.Lora.ModulesToSave);
        Assert.Equal(
            RecomputeModules.Norms | RecomputeModules.ExpertActivation,
            Training("framework: Megatron, recompute: Selective, recomputeModules: [layernorm, moe_act]").RecomputeModules);
    }

    [Fact]
    public void Every_part_of_a_layout_is_taken() =>
        Assert.Equal(
            new ParallelismSpec
            {
                Tensor = 1, Pipeline = 2, Context = 2, Expert = 4, ExpertTensor = 2, FirstStageLayers = 15, LastStageLayers = 17, Data = 8, Sharding = Sharding.Gradients, ShardGroup = 8, FsdpVersion = 1,
                Schedule = PipelineSchedule.Interleaved, VirtualStages = 2, ContextExchange = ContextExchange.AllGather,
                ExpertDispatch = ExpertDispatch.AllGather, ExpertCapacityPercent = 125, ExpertPadding = true, GpusPerNode = 4,
            },
            Read("""
                model: {name: mistralai/Mixtral-8x7B-v0.1}
                training: {sequenceLength: 1024}
                parallelism: {pipeline: 2, context: 2, expert: 4, expertTensor: 2, firstStageLayers: 15, lastStageLayers: 17, data: 8, sharding: Gradients, shardGroup: 8, fsdpVersion: 1, schedule: Interleaved,
                  virtualStages: 2, contextExchange: AllGather, expertDispatch: AllGather, expertCapacityPercent: 125, expertPadding: true}
                placement: {gpusPerNode: 4}
                """).Parallelism);

    [Fact]
    public void A_run_may_hold_its_model_otherwise_than_the_model_says()
    {
        var model = Read("model: {name: Qwen/Qwen2.5-0.5B-Instruct, tiedEmbeddings: false, hiddenDropout: true}\ntraining: {sequenceLength: 1}").Model;
        var usual = Read("model: {name: Qwen/Qwen2.5-0.5B-Instruct}\ntraining: {sequenceLength: 1}").Model;

        Assert.Equal((true, false), (usual.TiedEmbeddings, usual.HiddenDropout));
        Assert.Equal(usual with { TiedEmbeddings = false, HiddenDropout = true }, model);
    }

    [Fact]
    public void An_architecture_has_norms_biases_positions_experts_and_latent_attention()
    {
        var model = Read("""
            model:
              architecture: {hiddenSize: 2048, layers: 4, attentionHeads: 16, feedForwardSize: 8192, vocabularySize: 32000, normalization: LayerNorm, queryKeyNormalization: PerHead, bias: true, learnedPositions: 1024,
                experts: {count: 8, activePerToken: 2, size: 1024, sharedSize: 2048, denseLayers: 1},
                latentAttention: {queryRank: 768, keyValueRank: 512, plainHeadDimension: 128, rotaryHeadDimension: 64, valueHeadDimension: 128}}
            training: {sequenceLength: 1}
            """).Model;
        Assert.Equal((Normalization.LayerNorm, true, true, true, 1024, 192), (model.Normalization, model.QueryKeyValueBias, model.AttentionOutputBias, model.FeedForwardBias, model.LearnedPositions, model.HeadDimension));
        Assert.Equal(QueryKeyNormalization.PerHead, model.QueryKeyNormalization);
        Assert.Equal(new MixtureOfExperts { Count = 8, ActivePerToken = 2, ExpertSize = 1024, SharedSize = 2048, DenseLayers = 1 }, model.Experts);
        Assert.Equal(new LatentAttention { QueryRank = 768, KeyValueRank = 512, PlainHeadDimension = 128, RotaryHeadDimension = 64, ValueHeadDimension = 128 }, model.Latent);
    }

    [Theory]
    [InlineData("model: {parameters: 7B}\ntraining: {sequenceLength: 1, quantization: {groupSize: 64}}", "training.quantization.scheme", "NF4")]
    [InlineData("model: {parameters: 7B}\ntraining: {sequenceLength: 1, recomputeModules: [everything]}", "training.recomputeModules", "moe_act")]
    [InlineData("model: {architecture: {hiddenSize: 64, layers: 1, attentionHeads: 1, feedForwardSize: 1, vocabularySize: 1, experts: {count: 2}}}\ntraining: {sequenceLength: 1}", "model.architecture.experts", "size")]
    [InlineData("model: {architecture: {hiddenSize: 64, layers: 1, attentionHeads: 1, feedForwardSize: 1, vocabularySize: 1, latentAttention: {}}}\ntraining: {sequenceLength: 1}", "model.architecture.latentAttention", "keyValueRank")]
    [InlineData("model: {tiedEmbeddings: true, architecture: {hiddenSize: 64, layers: 1, attentionHeads: 1, feedForwardSize: 1, vocabularySize: 1, tiedEmbeddings: false}}\ntraining: {sequenceLength: 1}", "model.tiedEmbeddings", "model.architecture.tiedEmbeddings")]
    public void What_is_not_enough_or_a_contradiction_is_a_problem_at_its_path(string spec, string path, string says)
    {
        Assert.Null(TrainingJobReader.Read(Jobs.Of(spec), NoConfigMaps.Instance, null, out var problems));
        var problem = Assert.Single(problems);
        Assert.Equal(path, problem.Path);
        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
    }

    private static TrainingSpec Training(string fields) => Read($"model: {{parameters: 7B}}\ntraining: {{sequenceLength: 1024, {fields.ReplaceLineEndings(" ")}}}").Training;

    private static JobSpec Read(string spec)
    {
        var request = TrainingJobReader.Read(Jobs.Of(spec), NoConfigMaps.Instance, null, out var problems);
        Assert.Empty(problems);
        return request!.Job;
    }
}
