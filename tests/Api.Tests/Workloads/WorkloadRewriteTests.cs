using System.Text.Json.Nodes;
using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;

namespace GpuMem.Api.Tests.Workloads;

public sealed class WorkloadRewriteTests
{
    private const string Full = """
        model: {name: meta-llama/Llama-3.1-8B}
        training: {method: Full, sequenceLength: 4096, recompute: Full}
        """;

    private static readonly PoolInventory Inventory = Tests.Nodes.Inventory(Tests.Nodes.H100x8("h-0").Tainted("nvidia.com/gpu"));

    [Fact]
    public void Each_of_so_many_pods_gets_as_many_GPUs_as_it_takes()
    {
        var job = Labelled("batch/v1", "Job", "{parallelism: 2, completions: 2, template: " + Manifest.Template(0) + "}");
        Rewrite(job, Full);

        var pod = job["spec"]!["template"]!;
        Assert.Equal("2", (string?)pod["spec"]!["containers"]![0]!["resources"]!["limits"]!["nvidia.com/gpu"]);
        Assert.Equal("h100", (string?)pod["spec"]!["nodeSelector"]!["karpenter.sh/nodepool"]);
        Assert.Equal("job", (string?)pod["metadata"]!["labels"]![ApiGroup.TrainingJobLabel]);
        Assert.Equal("nvidia.com/gpu 0→2", (string?)pod["metadata"]!["annotations"]![ApiGroup.RewrittenAnnotation]);
        Assert.True(Review(job, Full).Allowed);
    }

    [Fact]
    public void What_was_rewritten_is_not_rewritten_again()
    {
        var job = Labelled("batch/v1", "Job", "{template: " + Manifest.Template(0) + "}");
        Assert.NotEmpty(Rewrite(job, Full));

        Assert.DoesNotContain(Rewrite(job, Full), operation => operation.Path.Contains("limits") || operation.Path.Contains("labels"));
    }

    [Fact]
    public void Where_Kueue_chooses_the_nodes_only_the_count_is_set()
    {
        var job = Labelled("batch/v1", "Job", "{suspend: true, template: " + Manifest.Template(0) + "}", ", kueue.x-k8s.io/queue-name: team");
        Rewrite(job, Full);

        Assert.Null(job["spec"]!["template"]!["spec"]!["nodeSelector"]);
        Assert.Equal("4", (string?)job["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"]!["limits"]!["nvidia.com/gpu"]);
    }

    [Theory]
    [InlineData("{template: {spec: {containers: [{name: a, resources: {limits: {nvidia.com/gpu: 1}}}]}}}", "")]
    [InlineData("{template: {spec: {containers: [{name: a}]}}}", "\npolicy: {rewrite: Never}")]
    [InlineData("{template: {spec: {containers: [{name: a}]}}}", "\npolicy: {mode: 'Off'}")]
    [InlineData("{template: {spec: {resourceClaims: [{name: gpus}], containers: [{name: a}]}}}", "")]
    [InlineData("{template: 7}", "")]
    public void What_asks_for_GPUs_already_or_may_not_be_touched_stays(string spec, string policy) => Assert.Empty(Rewrite(Labelled("batch/v1", "Job", spec), Full + policy));

    [Fact]
    public void What_its_author_did_not_label_stays() => Assert.Empty(Rewrite(Manifest.Json(Manifest.Of("batch/v1", "Job", "{template: " + Manifest.Template(0, "gpumem.io/training-job: job") + "}")), Full));

    [Fact]
    public void What_no_number_of_GPUs_makes_fit_is_refused_and_not_passed_over()
    {
        var job = Labelled("batch/v1", "Job", "{template: " + Manifest.Template(0) + "}");
        const string big = "model: {name: meta-llama/Llama-3.1-405B}\ntraining: {method: Full, sequenceLength: 4096}";
        Rewrite(job, big);
        var decision = Review(job, big);

        Assert.False(decision.Allowed);
        Assert.StartsWith("needs ", decision.Message, StringComparison.Ordinal);
    }

    private static JsonObject Labelled(string version, string kind, string spec, string more = "") =>
        Manifest.Json(Manifest.Of(version, kind, spec).Replace("{name: ft}", "{name: ft, labels: {gpumem.io/training-job: job" + more + "}}", StringComparison.Ordinal));

    private static IReadOnlyList<PatchOperation> Rewrite(JsonObject manifest, string job)
    {
        var operations = WorkloadRewrite.Operations(manifest, WorkloadReader.Read(manifest)!, "team", Cluster(job));
        PatchOperation.Apply(manifest, operations);
        return operations;
    }

    private static PodDecision Review(JsonObject manifest, string job) => WorkloadReview.Validate(WorkloadReader.Read(manifest)!, "team", Cluster(job));

    private static FixedCluster Cluster(string job) => new(Inventory, [Jobs.Of(job)]);
}
