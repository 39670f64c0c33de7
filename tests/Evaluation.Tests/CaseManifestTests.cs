using System.Text.Json.Nodes;
using FsCheck.Xunit;
using GpuMem.Api.Json;
using GpuMem.Api.Serving;
using GpuMem.Api.Tests.Crds;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;
using GpuMem.Evaluation.Cases;
using GpuMem.Evaluation.Manifests;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Crds;

namespace GpuMem.Evaluation.Tests;

/// <summary>What is scored is what a user can write.</summary>
public sealed class CaseManifestTests
{
    private static readonly JsonObject Schema =
        CrdWriter.Write(ApiJson.Resolver, typeof(TrainingJob))["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject();

    [Fact]
    public void Every_measured_run_is_estimated() => Assert.All(MeasuredCases.All, item => Assert.Null(CaseScorer.Score(item).Problem));

    [Fact]
    public void The_manifest_of_every_run_says_what_was_scored_when_somebody_else_reads_it() => Assert.All(MeasuredCases.All, item =>
    {
        var scored = CaseScorer.Score(item).Estimate!;
        var read = Estimate(item);

        Assert.Equal(scored with { Terms = read.Terms, Assumptions = read.Assumptions }, read);
        Assert.Equal(scored.Terms.Select(Text), read.Terms.Select(Text));
        Assert.Equal(scored.Assumptions, read.Assumptions);
    });

    [Fact]
    public void The_manifest_of_every_training_run_has_the_shape_of_a_TrainingJob() => Assert.All(
        MeasuredCases.All.Where(item => item.Inference is null),
        item => Assert.Empty(SchemaValidator.Faults(Manifest(item), Schema)));

    [Fact]
    public void Every_run_has_a_name_of_its_own() => Assert.Equal(MeasuredCases.All.Count, MeasuredCases.All.Select(item => CaseManifest.Name(item.Id)).Distinct().Count());

    [Property]
    public bool Any_id_becomes_a_name_that_a_TrainingJob_can_have(string? id) => TrainingJobName.Problem(CaseManifest.Name(id ?? "")) is null;

    [Fact]
    public void A_model_of_the_catalogue_is_named_and_what_the_run_does_otherwise_is_said()
    {
        var model = CaseManifest.Training(ExampleCase.Parse(("model.architecture.tiedEmbeddings", "true"))).Spec.Model!;
        Assert.Equal(("meta-llama/Llama-3.1-8B", true, null), (model.Name, model.TiedEmbeddings, model.Architecture));
    }

    [Theory]
    [InlineData("\"prompts of 2,048 tokens; GRPO\"", null, TrainingObjective.GRPO, null, 4)]
    [InlineData("\"\"", """{"objective": "Grpo", "completionLength": 1024, "groupSize": 2}""", TrainingObjective.GRPO, 1024L, 2)]
    [InlineData("\"\"", """{"objective": "Dpo", "completionLength": null, "groupSize": null}""", TrainingObjective.DPO, null, null)]
    [InlineData("\"a remark\"", null, null, null, null)]
    public void A_run_has_the_objective_that_its_rollout_or_its_remark_names(string note, string? rollout, TrainingObjective? objective, long? completion, int? group)
    {
        (string Path, string? Value)[] changes = [("trainer", "\"HfTrainer\""), ("note", note), ("parallel.data", "4"), ("parallel.gpus", "4")];
        var training = CaseManifest.Training(ExampleCase.Parse(rollout is null ? changes : [.. changes, ("rollout", rollout)])).Spec.Training!;

        Assert.Equal((objective, completion, group), (training.Objective, training.Rollout?.CompletionLength, training.Rollout?.GroupSize));
    }

    [Fact]
    public void Another_model_is_given_by_its_dimensions()
    {
        var model = CaseManifest.Training(ExampleCase.Parse(("model.id", "null"), ("model.architecture.positional", "\"Learned\""), ("model.parameters", "8034455552"))).Spec.Model!;
        Assert.Equal((null, 4096, 1024), (model.Name, model.Architecture!.HiddenSize, model.Architecture.LearnedPositions));
    }

    [Theory]
    [InlineData("Nanotron", "\"Bf16\"", "\"Fp32\"", CopyType.None)]
    [InlineData("DeepSpeed", "null", "\"Bf16\"", CopyType.FP32)]
    [InlineData("DeepSpeed", "null", "\"Fp32\"", CopyType.None)]
    [InlineData("MegatronLM", "\"Fp32\"", "\"Fp16\"", CopyType.FP32)]
    public void A_copy_of_the_gradients_that_outlives_backward_is_said(string framework, string extra, string gradients, CopyType copy)
    {
        var item = ExampleCase.Parse(
            ("framework", $"\"{framework}\""), ("precision.parameters", "\"Bf16\""), ("precision.masterParameters", "\"Fp32\""),
            ("precision.gradients", gradients), ("precision.extraGradients", extra));
        Assert.Equal(copy, CaseManifest.Training(item).Spec.Training!.DataTypes!.GradientCopy);
    }

    [Theory]
    [InlineData("First", "0")]
    [InlineData("Last", "3")]
    [InlineData("Max", null)]
    public void The_stage_that_was_measured_is_asked_for(string rank, string? stage)
    {
        var manifest = CaseManifest.Training(ExampleCase.Parse(("parallel.rank", $"\"{rank}\""), ("parallel.pipeline", "4"), ("parallel.gpus", "32"), ("parallel.pipelineSchedule", "\"OneFOneB\"")));
        Assert.Equal(stage, manifest.Metadata.Annotations?[TrainingJobStage.Annotation]);
        Assert.Equal(stage is null ? null : int.Parse(stage, System.Globalization.CultureInfo.InvariantCulture), TrainingJobStage.Of(manifest, out _));
    }

    private static JsonObject Manifest(MeasuredCase item) => KubernetesYaml.LoadAllFromString(CaseManifest.Yaml(item)).Single().AsObject();

    private static Estimate Estimate(MeasuredCase item)
    {
        var json = ApiJson.Default.Serialize(Manifest(item));
        if (item.Inference is not null)
            return GpuMem.Serving.InferenceEstimator.Estimate(InferenceReader.Read(ApiJson.Default.Deserialize<InferenceManifest>(json)!.Spec!, out _)!);
        var manifest = ApiJson.Default.Deserialize<TrainingJob>(json)!;
        return MemoryEstimator.Estimate(TrainingJobReader.Read(manifest, NoConfigMaps.Instance, null, out _)!.Job, TrainingJobStage.Of(manifest, out _));
    }

    private static string Text(Term term) => $"{term.Kind} {term.Expected.Value} {term.UpperBound.Value} {term.Formula} {term.Numbers} {term.Source}";
}
