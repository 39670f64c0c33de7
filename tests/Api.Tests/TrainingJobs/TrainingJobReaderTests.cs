using GpuMem.Api.Json;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning;

namespace GpuMem.Api.Tests.TrainingJobs;

public sealed class TrainingJobReaderTests
{
    private const string Least = "model: {name: meta-llama/Llama-3.1-8B}\ntraining: {sequenceLength: 2048}";

    private const string Architecture = "hiddenSize: 4096, layers: 32, attentionHeads: 32, feedForwardSize: 11008, vocabularySize: 32000";

    [Fact]
    public void What_is_left_out_gets_the_default_that_its_description_names()
    {
        var request = Read(Least)!;
        var (training, layout) = (request.Job.Training, request.Job.Parallelism);

        Assert.Equal((TrainingMethod.Full, TrainingFramework.PyTorchFSDP, Precision.BF16Mixed, Optimizer.AdamW), (training.Method, training.Framework, training.Precision, training.Optimizer));
        Assert.Equal((2048L, 1L, null, null), (training.SequenceLength, training.MicroBatchSize, training.GlobalBatchSize, training.Lora));
        Assert.Equal((Recompute.None, AttentionKernel.Flash, LossKernel.Full), (training.Recompute, training.Attention, training.Loss));
        Assert.Equal((1, 1, 1, false), (layout.Tensor, layout.Pipeline, layout.Context, layout.SequenceParallel));
        Assert.Equal((true, null, Objective.Cost, 0), (request.DataIsAuto, request.GpusPerNode, request.Objective, request.HeadroomPercent));
        Assert.Empty(request.Pools);
        Assert.Equal((PolicyMode.Warn, RewriteMode.IfUnset), (Jobs.Of(Least).Mode(PolicyMode.Warn), Jobs.Of(Least).Rewrite()));
    }

    [Theory]
    [InlineData("PyTorchFSDP", Sharding.Full)]
    [InlineData("DeepSpeed", Sharding.None)]
    [InlineData("Megatron", Sharding.None)]
    [InlineData("DDP", Sharding.None)]
    public void Sharding_follows_the_framework(string framework, Sharding sharding) =>
        Assert.Equal(sharding, Read($"model: {{name: meta-llama/Llama-3.1-8B}}\ntraining: {{sequenceLength: 1, framework: {framework}}}")!.Job.Parallelism.Sharding);

    [Fact]
    public void Adapters_have_rank_16_on_all_layers()
    {
        var lora = Read("model: {name: meta-llama/Llama-3.1-8B}\ntraining: {sequenceLength: 1, method: LoRA}")!.Job.Training.Lora!;

        Assert.Equal(16, lora.Rank);
        Assert.Empty(lora.TargetModules);
    }

    [Fact]
    public void What_is_given_is_taken()
    {
        var request = Read("""
            model: {name: meta-llama/Llama-3.1-8B}
            training: {method: LoRA, framework: Megatron, precision: FP16Mixed, optimizer: SGD, sequenceLength: 4096, microBatchSize: 2, globalBatchSize: 64, recompute: Selective, attention: Eager, loss: Fused, lora: {rank: 8, targetModules: [q_proj]}}
            parallelism: {tensor: 2, pipeline: 4, context: 2, data: 8, sharding: Optimizer, sequenceParallel: true}
            placement: {gpusPerNode: 4, pools: [a, b], objective: FewestNodes}
            policy: {headroomPercent: 5}
            """)!;

        Assert.Equal((TrainingMethod.LoRA, TrainingFramework.Megatron, Precision.FP16Mixed, Optimizer.SGD), (request.Job.Training.Method, request.Job.Training.Framework, request.Job.Training.Precision, request.Job.Training.Optimizer));
        Assert.Equal((2L, 64L, Recompute.Selective, AttentionKernel.Eager, LossKernel.Fused), (request.Job.Training.MicroBatchSize, request.Job.Training.GlobalBatchSize, request.Job.Training.Recompute, request.Job.Training.Attention, request.Job.Training.Loss));
        Assert.Equal((2, 4, 2, 8, Sharding.Optimizer, true), (request.Job.Parallelism.Tensor, request.Job.Parallelism.Pipeline, request.Job.Parallelism.Context, request.Job.Parallelism.Data, request.Job.Parallelism.Sharding, request.Job.Parallelism.SequenceParallel));
        Assert.Equal((false, 4, Objective.FewestNodes, 5), (request.DataIsAuto, request.GpusPerNode, request.Objective, request.HeadroomPercent));
        Assert.Equal(["a", "b"], request.Pools);
        Assert.Equal(["q_proj"], request.Job.Training.Lora!.TargetModules);
    }

    [Theory]
    [InlineData("{}", "model", "none is given")]
    [InlineData("{name: meta-llama/Llama-3.1-8B, parameters: 7B}", "model", "name and parameters are given")]
    [InlineData("{name: no/such-model}", "model.name", "no/such-model")]
    [InlineData("{parameters: 7X}", "model.parameters", "7X")]
    [InlineData("{parameters: 0B}", "model.parameters", "0")]
    [InlineData("{config: {}}", "model.config", "")]
    [InlineData("{config: {model_type: llama, hidden_size: many}}", "model.config", "hidden_size")]
    [InlineData("{architecture: {hiddenSize: 4096}}", "model.architecture", "all needed")]
    [InlineData("{architecture: {hiddenSize: 100, layers: 1, attentionHeads: 3, feedForwardSize: 1, vocabularySize: 1}}", "model.architecture.headDimension", "give headDimension")]
    [InlineData("{architecture: {hiddenSize: 100, layers: 1, attentionHeads: 0, feedForwardSize: 1, vocabularySize: 1}}", "model.architecture.headDimension", "0")]
    [InlineData("{configMapKeyRef: {name: m, key: k}}", "model.configMapKeyRef", "ConfigMap")]
    public void A_model_that_cannot_be_known_is_a_problem_at_its_path(string model, string path, string says)
    {
        var problem = Problem($"model: {model}\ntraining: {{sequenceLength: 1}}");

        Assert.Equal(path, problem.Path);
        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{parameters: 7B}")]
    [InlineData("{parameters: 1.5T}")]
    [InlineData("{architecture: {" + Architecture + "}}")]
    [InlineData("{config: {model_type: llama, hidden_size: 4096, num_hidden_layers: 32, num_attention_heads: 32, intermediate_size: 11008, vocab_size: 32000}}")]
    public void Each_way_to_give_a_model_gives_one(string model) => Assert.True(Read($"model: {model}\ntraining: {{sequenceLength: 1}}")!.Job.Model.Parameters > 0);

    [Fact]
    public void The_same_model_is_the_same_in_every_way_it_is_given()
    {
        var explicitly = Read($"model: {{architecture: {{{Architecture}}}}}\ntraining: {{sequenceLength: 1}}")!.Job.Model;
        var config = Read("model: {config: {model_type: llama, hidden_size: 4096, num_hidden_layers: 32, num_attention_heads: 32, intermediate_size: 11008, vocab_size: 32000}}\ntraining: {sequenceLength: 1}")!.Job.Model;

        Assert.Equal(explicitly.Parameters, config.Parameters);
    }

    [Fact]
    public void The_sequence_length_has_no_default() => Assert.Equal("training.sequenceLength", Problem("model: {parameters: 7B}").Path);

    [Fact]
    public void A_template_and_a_target_are_one_too_many() =>
        Assert.Equal("template", Problem(Least + "\ntemplate: {}\ntargetRef: {apiVersion: batch/v1, kind: Job, name: x}").Path);

    [Fact]
    public void All_problems_are_told_at_once()
    {
        TrainingJobReader.Read(Jobs.Of("parallelism: {data: -1}"), NoConfigMaps.Instance, null, out var problems);

        Assert.Equal(["model", "training.sequenceLength", "parallelism.data"], problems.Select(problem => problem.Path));
    }

    [Theory]
    [InlineData("Auto", null)]
    [InlineData("'Auto'", null)]
    [InlineData("8", 8)]
    [InlineData("'8'", 8)]
    public void A_count_is_a_number_or_Auto(string value, int? count)
    {
        var request = Read($"{Least}\nparallelism: {{data: {value}}}\nplacement: {{gpusPerNode: {value}}}")!;

        Assert.Equal((count is null, count ?? 1, count), (request.DataIsAuto, request.Job.Parallelism.Data, request.GpusPerNode));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("auto")]
    [InlineData("''")]
    [InlineData("'1e3'")]
    [InlineData("' 8'")]
    [InlineData("'99999999999'")]
    [InlineData("many")]
    public void Anything_else_is_a_problem_with_the_remedy(string value)
    {
        var problem = Problem($"{Least}\nparallelism: {{data: {value}}}");

        Assert.Equal("parallelism.data", problem.Path);
        Assert.Contains("or Auto", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gpus_of_the_pod_in_question_come_before_the_spec() =>
        Assert.Equal(2, TrainingJobReader.Read(Jobs.Of(Least + "\nplacement: {gpusPerNode: 8}"), NoConfigMaps.Instance, 2, out _)!.GpusPerNode);

    [Fact]
    public void A_job_without_a_spec_is_a_job_with_problems()
    {
        var job = ApiJson.Default.Deserialize<TrainingJob>("""{"spec":null}"""u8)!;

        Assert.Null(TrainingJobReader.Read(job, NoConfigMaps.Instance, null, out var problems));
        Assert.NotEmpty(problems);
    }

    private static PlanRequest? Read(string spec)
    {
        var request = TrainingJobReader.Read(Jobs.Of(spec), NoConfigMaps.Instance, null, out var problems);
        Assert.Empty(problems);
        return request;
    }

    private static JobProblem Problem(string spec)
    {
        Assert.Null(TrainingJobReader.Read(Jobs.Of(spec), NoConfigMaps.Instance, null, out var problems));
        return Assert.Single(problems);
    }
}
